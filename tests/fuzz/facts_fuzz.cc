// Any bytes are a fact of a custom resource, a pod or an object that we own, or an error. What a
// fact becomes in the journal is nothing that the journal refuses, and is read back as the same.
// The first byte chooses.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "fsm/codec/codec.h"
#include "journal/secret_shapes.h"
#include "lens/cluster.h"
#include "lens/object.h"
#include "lens/pod.h"

namespace {

using namespace annals::lens;  // NOLINT(google-build-using-namespace): a program of one function
namespace fsm = annals::fsm;

void look_at_fact(const fsm::Input& fact) {
  const fsm::Encoded once = fsm::encode(fact);
  if (!annals::journal::find_secret(once.payload).empty()) std::abort();
  const annals::Result<fsm::Input> again = fsm::decode_input(once.type, once.payload);
  if (!again || fsm::encode(*again) != once) std::abort();
}

// Names and UIDs, which Kubernetes checks, are any bytes here.
constexpr const char* kName = "name";

void look_at_cluster(std::string_view object) {
  annals::k8s::JsonReader reader;
  annals::Result<ClusterView> view = read_cluster_view(reader, object);
  if (!view) return;
  view->fact.name_space = view->fact.name = kName;
  look_at_fact(view->fact);
}

void look_at_pod(std::string_view object) {
  annals::k8s::JsonReader reader;
  annals::Result<PodView> view = read_pod_view(reader, object);
  if (!view) return;
  view->fact.name = view->fact.uid = kName;
  look_at_fact(view->fact);
}

void look_at_owned(std::string_view object) {
  annals::k8s::JsonReader reader;
  annals::Result<OwnedView> view = read_owned_view(reader, object);
  if (!view) return;
  view->fact.ref.name_space = view->fact.ref.name = view->fact.uid = kName;
  look_at_fact(view->fact);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view object(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == 'c') {
    look_at_cluster(object);
  } else if (data[0] == 'p') {
    look_at_pod(object);
  } else {
    look_at_owned(object);
  }
  return 0;
}
