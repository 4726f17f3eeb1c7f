// One repository of pgBackRest: on a volume of the repository host, or in an object store.
#pragma once

#include <optional>
#include <string>

#include "spec/kubernetes.h"

namespace annals::spec {

class Fields;

struct AzureStore {
  std::string container;

  friend bool operator==(const AzureStore&, const AzureStore&) = default;
};

void describe(Fields& fields, AzureStore& store);

struct GcsStore {
  std::string bucket;

  friend bool operator==(const GcsStore&, const GcsStore&) = default;
};

void describe(Fields& fields, GcsStore& store);

struct S3Store {
  std::string bucket;
  std::string endpoint;
  std::string region;

  friend bool operator==(const S3Store&, const S3Store&) = default;
};

void describe(Fields& fields, S3Store& store);

struct RepositoryVolume {
  VolumeClaim volume_claim_spec;

  friend bool operator==(const RepositoryVolume&, const RepositoryVolume&) = default;
};

void describe(Fields& fields, RepositoryVolume& volume);

// Cron expressions; empty: never.
struct Schedules {
  std::string full;
  std::string differential;
  std::string incremental;

  friend bool operator==(const Schedules&, const Schedules&) = default;
};

void describe(Fields& fields, Schedules& schedules);

struct Repository {
  std::string name;  // repo1 to repo4
  // Exactly one of these.
  std::optional<AzureStore> azure;
  std::optional<GcsStore> gcs;
  std::optional<S3Store> s3;
  std::optional<RepositoryVolume> volume;
  Schedules schedules;

  // "1" of repo1.
  std::string index() const { return name.substr(name.size() < 4 ? name.size() : 4); }

  friend bool operator==(const Repository&, const Repository&) = default;
};

void describe(Fields& fields, Repository& repository);

// The field repoName of several parts.
void describe_repo_name(Fields& fields, std::string& name);

}  // namespace annals::spec
