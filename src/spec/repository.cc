#include "spec/repository.h"

#include <string_view>

#include "spec/fields.h"
#include "spec/text.h"

namespace annals::spec {
namespace {

constexpr std::size_t kScheduleMin = 6;

void describe_needed(Fields& fields, std::string_view name, std::string& value,
                     std::string_view remedy) {
  fields.require(name, remedy);
  fields.text(name, value);
  fields.check(!fields.has(name) || !value.empty(), name, remedy);
}

void describe_schedule(Fields& fields, std::string_view name, std::string& schedule) {
  fields.text(name, schedule);
  fields.check(schedule.empty() || schedule.size() >= kScheduleMin, name,
               "give a cron expression of five fields, such as 0 1 * * 0");
}

}  // namespace

void describe(Fields& fields, AzureStore& store) {
  describe_needed(fields, "container", store.container, "name the container");
}

void describe(Fields& fields, GcsStore& store) {
  describe_needed(fields, "bucket", store.bucket, "name the bucket");
}

void describe(Fields& fields, S3Store& store) {
  describe_needed(fields, "bucket", store.bucket, "name the bucket");
  describe_needed(fields, "endpoint", store.endpoint, "give the endpoint's host");
  describe_needed(fields, "region", store.region, "name the region");
}

void describe(Fields& fields, RepositoryVolume& volume) {
  fields.require("volumeClaimSpec", "define the volume of the repository");
  fields.part("volumeClaimSpec", volume.volume_claim_spec);
}

void describe(Fields& fields, Schedules& schedules) {
  describe_schedule(fields, "full", schedules.full);
  describe_schedule(fields, "differential", schedules.differential);
  describe_schedule(fields, "incremental", schedules.incremental);
}

void describe(Fields& fields, Repository& repository) {
  fields.require("name", "choose from repo1 to repo4");
  fields.text("name", repository.name);
  fields.check(!fields.has("name") || is_repository_name(repository.name), "name",
               "choose from repo1 to repo4");
  fields.part("azure", repository.azure);
  fields.part("gcs", repository.gcs);
  fields.part("s3", repository.s3);
  fields.part("volume", repository.volume);
  const int places = int{fields.has("azure")} + int{fields.has("gcs")} + int{fields.has("s3")} +
                     int{fields.has("volume")};
  fields.check_self(places == 1, "give exactly one of azure, gcs, s3, volume");
  fields.part("schedules", repository.schedules);
}

void describe_repo_name(Fields& fields, std::string& name) {
  fields.text("repoName", name);
  fields.check(name.empty() || is_repository_name(name), "repoName", "choose from repo1 to repo4");
}

}  // namespace annals::spec
