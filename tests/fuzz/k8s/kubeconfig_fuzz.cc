// Any bytes are a kubeconfig or an error.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "k8s/credentials/config.h"
#include "k8s/credentials/kubeconfig.h"
#include "k8s/text/text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)annals::k8s::parse_kubeconfig(text, {.context = {}, .directory = "/"});
  (void)annals::k8s::parse_server_url(text);
  (void)annals::k8s::base64_decoded(text);
  return 0;
}
