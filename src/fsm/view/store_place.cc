#include "fsm/view/store_place.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/concat.h"
#include "spec/text.h"

namespace annals::fsm {
namespace {

// The user's option of that repository; else what the specification says.
std::string option(const spec::Repository& repo, const GlobalOptions& global, std::string_view name,
                   std::string otherwise) {
  const auto given = global.find(concat(repo.name, "-", name));
  return given == global.end() ? std::move(otherwise) : given->second;
}

std::string in_lower_case(std::string text) {
  std::ranges::transform(text, text.begin(), spec::to_lower);
  return text;
}

// "https://S3.example.com:443/" is s3.example.com.
std::string plain_host(std::string_view text) {
  std::string host = in_lower_case(std::string(text));
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (host.starts_with(scheme)) host.erase(0, scheme.size());
  }
  while (host.ends_with('/')) host.pop_back();
  constexpr std::string_view kUsualPort = ":443";
  if (host.ends_with(kUsualPort)) host.resize(host.size() - kUsualPort.size());
  return host;
}

// "pgbackrest//repo1/" is /pgbackrest/repo1.
std::string plain_path(std::string_view text) {
  std::string path = "/";
  for (const char c : text) {
    if (c != '/' || path.back() != '/') path += c;
  }
  if (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

// pgBackRest asks `storage-host` where it is given, whatever the endpoint is.
std::string host_of(const spec::Repository& repo, const GlobalOptions& global,
                    const char* endpoint_option, const std::string& endpoint) {
  const std::string asked = option(repo, global, endpoint_option, endpoint);
  const std::string port = option(repo, global, "storage-port", "");
  std::string host = plain_host(option(repo, global, "storage-host", asked));
  return port.empty() || port == "443" ? host : concat(host, ":", port);
}

}  // namespace

bool StorePlace::is_that_of(const StorePlace& other) const {
  return kind == other.kind && bucket == other.bucket && host == other.host && path == other.path;
}

std::optional<StorePlace> store_place(const spec::Repository& repo, const GlobalOptions& global) {
  StorePlace place{
      .repo = repo.name,
      .path = plain_path(option(repo, global, "path", concat("/pgbackrest/", repo.name)))};
  if (repo.s3) {
    place.kind = "s3";
    place.bucket = option(repo, global, "s3-bucket", repo.s3->bucket);
    place.host = host_of(repo, global, "s3-endpoint", repo.s3->endpoint);
  } else if (repo.gcs) {
    place.kind = "gcs";
    place.bucket = option(repo, global, "gcs-bucket", repo.gcs->bucket);
    place.host = host_of(repo, global, "gcs-endpoint", "");
  } else if (repo.azure) {
    place.kind = "azure";
    place.bucket = option(repo, global, "azure-container", repo.azure->container);
    place.host = host_of(repo, global, "azure-endpoint", "");
  } else {
    return std::nullopt;
  }
  return place;
}

std::vector<StorePlace> store_places(const std::vector<spec::Repository>& repos,
                                     const GlobalOptions& global) {
  std::vector<StorePlace> places;
  for (const spec::Repository& repo : repos) {
    if (std::optional<StorePlace> place = store_place(repo, global))
      places.push_back(*std::move(place));
  }
  return places;
}

std::string to_string(const StorePlace& place) {
  return concat(place.kind, place.kind == "azure" ? " container " : " bucket ", place.bucket,
                place.host.empty() ? "" : " at ", place.host, ", path ", place.path);
}

}  // namespace annals::fsm
