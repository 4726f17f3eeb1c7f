#include "fsm/view/bucket_command.h"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>

#include "base/concat.h"

namespace annals::fsm {
namespace {

constexpr std::string_view kAmazon = ".amazonaws.com";

constexpr std::string_view kPlain =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:";

bool are_plain(std::initializer_list<std::string_view> words) {
  return std::ranges::all_of(words, [](std::string_view word) {
    return !word.starts_with('-') && word.find_first_not_of(kPlain) == word.npos;
  });
}

std::string given(const GlobalOptions& global, const std::string& option,
                  std::string otherwise = {}) {
  const auto found = global.find(option);
  return found == global.end() ? std::move(otherwise) : found->second;
}

std::string of_s3(const StorePlace& place, const std::string& region) {
  if (!are_plain({region, place.host})) return {};
  const bool is_amazons = place.host.ends_with(kAmazon);
  return concat("aws s3 mb s3://", place.bucket, region.empty() ? "" : " --region ", region,
                is_amazons ? "" : " --endpoint-url https://", is_amazons ? "" : place.host);
}

// The account is mostly in a Secret.
std::string of_azure(const StorePlace& place, const std::string& account) {
  if (!are_plain({account})) return {};
  return concat("az storage ", "container create --name ", place.bucket, " --account-name ",
                account.empty() ? "ACCOUNT" : account);
}

}  // namespace

std::string bucket_command(const spec::Repository& repo, const GlobalOptions& global) {
  const std::optional<StorePlace> place = store_place(repo, global);
  if (!place || place->bucket.empty() || !are_plain({place->bucket})) return {};
  if (repo.s3) return of_s3(*place, given(global, repo.name + "-s3-region", repo.s3->region));
  if (repo.gcs) return concat("gcloud storage buckets create gs://", place->bucket);
  return of_azure(*place, given(global, repo.name + "-azure-account"));
}

}  // namespace annals::fsm
