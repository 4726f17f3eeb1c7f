// Any bytes are an object to a lens, or an error; the first byte chooses the lens.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "k8s/lens/applied.h"
#include "k8s/lens/custom_resource.h"
#include "k8s/lens/network.h"
#include "k8s/lens/object.h"
#include "k8s/lens/owned.h"
#include "k8s/lens/pod.h"
#include "k8s/lens/pod_brief.h"
#include "k8s/lens/pod_unread.h"
#include "k8s/lens/recorded_resource.h"
#include "k8s/lens/storage.h"
#include "k8s/lens/workload.h"

namespace annals::k8s {
namespace {

template <auto Lens>
void look(std::string_view object) {
  JsonReader reader;
  const auto view = Lens(reader, object);
  if (!view) return;
  Fingerprint fingerprint;
  add_to(fingerprint, *view);
  (void)fingerprint.digest();
}

// What a lens does not read makes no difference to what it sees.
void look_at_pods(std::string_view object) {
  if (!object.starts_with('{') || !nlohmann::json::accept(object)) return;
  std::string rest;
  ObjectScanner scanner(kUnreadOfPods);
  if (scanner.scan(object, rest) > object.size() || !scanner.ended()) std::abort();
  JsonReader reader;
  const Result<PodView> whole = read_pod(reader, object);
  if (!whole) return;
  const Result<PodView> seen = read_pod(reader, rest);
  if (!seen) std::abort();
  Fingerprint fingerprint;
  Fingerprint again;
  add_to(fingerprint, *whole);
  add_to(again, *seen);
  if (fingerprint.digest() != again.digest()) std::abort();
}

void look_owned(std::string_view object) {
  JsonReader reader;
  (void)owned_digest(reader, object, Content::kOpen);
  (void)owned_digest(reader, object, Content::kSecret);
}

void look_for_facts(std::string_view object) {
  JsonReader reader;
  (void)read_applied(reader, object);
  (void)read_pod_brief(reader, object);
  (void)read_recorded_resource(reader, object);
  // What has a digest is JSON, and so is that JSON again.
  if (!digest_of_json(reader, object).empty()) (void)owned_digest(reader, object);
}

constexpr std::array kLenses{look<read_pod>,
                             look<read_stateful_set>,
                             look<read_job>,
                             look<read_volume_claim>,
                             look<read_service>,
                             look<read_endpoints>,
                             look<read_config_map>,
                             look<read_secret>,
                             look<read_object_view>,
                             look<read_custom_resource>,
                             look_owned,
                             look_for_facts,
                             look_at_pods};

}  // namespace
}  // namespace annals::k8s

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view object(reinterpret_cast<const char*>(data) + 1, size - 1);
  annals::k8s::kLenses.at(data[0] % annals::k8s::kLenses.size())(object);
  return 0;
}
