// Any bytes are a record's frame, a HEAD, a bundle, or an error. As a HEAD or a bundle they get the
// digest that they need to be looked into; with 'z' in front they are a bundle's items, yet to be
// compressed.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/sha256.h"
#include "bundle_bytes.h"
#include "journal/bundle_file.h"
#include "journal/head.h"
#include "journal/record.h"

namespace {

using namespace annals::journal;  // NOLINT(google-build-using-namespace): a program of one function

// What is read without its payload is the same record otherwise.
void look_at_frame(std::string_view frame) {
  const annals::Result<Decoded> decoded = decode(frame);
  if (!decoded) return;
  const annals::Digest previous{};
  (void)decoded->link(previous);
  const std::string shorter = encode_expired(frame);
  const annals::Result<Decoded> expired = decode(shorter);
  if (!expired || expired->record.seq != decoded->record.seq) std::abort();
  if (expired->link(previous) != decoded->link(previous)) std::abort();
}

// What is read is written as it was read, but for flags that nobody knows.
void look_at_head(std::string_view bytes) {
  (void)decode_head(bytes);
  std::string whole(bytes);
  const annals::Digest digest = annals::sha256(bytes);
  whole += digest.view();
  const annals::Result<Head> head = decode_head(whole);
  if (!head) return;
  const annals::Result<Head> again = decode_head(encode(*head));
  if (!again || encode(*again) != encode(*head)) std::abort();
}

void look_at_bundle(std::string_view bytes, bool plain) {
  const BundleBytes file(bytes, plain);
  const auto reader = BundleReader::open(file.path());
  while (reader) {
    const annals::Result<BundleReader::Next> next = (*reader)->next();
    if (!next || next->item == Item::kEnd) break;
    if (next->item == Item::kRecord) look_at_frame(next->bytes);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == 'f') {
    look_at_frame(bytes);
  } else if (data[0] == 'h') {
    look_at_head(bytes);
  } else {
    look_at_bundle(bytes, data[0] == 'z');
  }
  return 0;
}
