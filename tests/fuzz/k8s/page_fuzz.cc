// Any bytes, in any pieces, are a page or an error; the pieces make no difference, and no object is
// larger than the limit.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "k8s/text/page_splitter.h"
#include "lens/pod_unread.h"

namespace {

using namespace annals::k8s;  // NOLINT(google-build-using-namespace): a program of one function

constexpr std::size_t kObjectMax = 4096;

struct Page {
  std::vector<std::string> objects;
  bool whole = false;
  std::string version;
};

Page split(std::string_view bytes, std::size_t piece, UnreadFields unread) {
  Page page;
  PageSplitter splitter(
      [&page](std::string_view object) {
        if (object.size() > kObjectMax) std::abort();
        page.objects.emplace_back(object);
        return annals::Result<void>();
      },
      kObjectMax, unread);
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    if (!splitter.feed(bytes.substr(at, piece))) return page;
  }
  const annals::Result<PageEnd> end = splitter.finish();
  page.whole = end.has_value();
  if (end) page.version = end->resource_version;
  return page;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const UnreadFields unread =
      data[0] % 2 == 0 ? UnreadFields() : UnreadFields(annals::lens::kUnreadOfPods);
  const Page at_once = split(bytes, bytes.size() + 1, unread);
  const Page in_pieces = split(bytes, std::size_t{data[0]} + 1, unread);
  if (at_once.whole != in_pieces.whole || at_once.version != in_pieces.version) std::abort();
  if (at_once.objects != in_pieces.objects && at_once.whole) std::abort();
  return 0;
}
