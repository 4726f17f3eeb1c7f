// Any bytes are what another server, psql or pg_controldata says of a source: what is read is
// bounded and printable, and no timeline is below zero.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "lens/source_answer.h"

namespace {

using annals::fsm::SourceAnswer;
using annals::fsm::SourceState;

constexpr std::size_t kWordsMax = 300 + 8;  // a replacement that the cut fell into

void expect(bool holds) {
  if (!holds) std::abort();
}

void expect_told(const SourceAnswer& answer) {
  expect(answer.words.size() <= kWordsMax);
  expect(std::ranges::none_of(
      answer.words, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const annals::lens::OwnServer own{.system_id = "7412345678901234567",
                                    .started = "1700000000000001",
                                    .followers = annals::lens::read_followers(text, {"hippo-a-0"})};
  for (const std::string& address : own.followers)
    expect(!address.empty() && !address.contains(' ') && !address.contains('\n'));
  const SourceAnswer answer = annals::lens::read_source(text, own);
  expect_told(answer);
  expect(answer.state != SourceState::kRefuses && answer.state != SourceState::kSilent);
  expect(answer.timeline >= 0);
  const SourceAnswer error = annals::lens::read_source_error(text);
  expect_told(error);
  expect(error.state != SourceState::kWrites && error.state != SourceState::kFollowsUs);
  const annals::Result<annals::lens::OwnVolume> volume = annals::lens::read_control_data(text);
  if (volume) expect(volume->timeline > 0 && !volume->system_id.empty());
  const annals::lens::SourceAddress address = annals::lens::read_conninfo(text);
  for (const std::string& host : address.hosts) expect(!host.contains(','));
  return 0;
}
