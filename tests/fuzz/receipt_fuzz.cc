// Any bytes are a receipt of a shutdown or an error; what is read is written as text that is read
// as the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "lens/receipt.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const annals::Result<annals::fsm::Receipt> read = annals::lens::read_receipt(text);
  if (!read) return 0;
  const std::string written = annals::lens::receipt_text(*read);
  const annals::Result<annals::fsm::Receipt> again = annals::lens::read_receipt(written);
  if (!again || *again != *read || written.contains('\n')) std::abort();
  return 0;
}
