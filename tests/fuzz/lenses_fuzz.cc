// Any bytes are an object to a lens, or an error.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <tuple>

#include "k8s/lens/json_digest.h"
#include "lens/archiver.h"
#include "lens/cluster.h"
#include "lens/label.h"
#include "lens/object.h"
#include "lens/pod.h"

namespace annals::lens {
namespace {

using k8s::JsonReader;

// What the lens does not read makes no difference to what it sees.
void look_at_pods(std::string_view object) {
  if (!object.starts_with('{') || !nlohmann::json::accept(object)) return;
  std::string rest;
  k8s::ObjectScanner scanner(kUnreadOfPods);
  if (scanner.scan(object, rest) > object.size() || !scanner.ended()) std::abort();
  JsonReader reader;
  const Result<PodView> whole = read_pod_view(reader, object);
  if (!whole) return;
  const Result<PodView> seen = read_pod_view(reader, rest);
  if (!seen) std::abort();
  const auto parts = [](const PodView& pod) {
    return std::tie(pod.meta.key, pod.meta.labels, pod.fact);
  };
  if (parts(*whole) != parts(*seen)) std::abort();
}

void look(std::string_view object) {
  JsonReader reader;
  (void)read_meta(reader, object);
  (void)read_answer(reader, object);
  (void)read_spool_error(object);
  (void)read_archive_log(object);
  (void)read_pod_view(reader, object);
  (void)read_cluster_view(reader, object);
  (void)k8s::digest_of_json(reader, object);
}

}  // namespace
}  // namespace annals::lens

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view object(reinterpret_cast<const char*>(data), size);
  annals::lens::look(object);
  annals::lens::look_at_pods(object);
  return 0;
}
