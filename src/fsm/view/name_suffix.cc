#include "fsm/view/name_suffix.h"

#include "base/concat.h"
#include "base/sha256.h"

namespace annals::fsm {
namespace {

// No vowels, no digits that look like letters.
constexpr std::string_view kAlphabet = "bcdfghjklmnpqrstvwxz2456789";
constexpr std::size_t kSuffixLength = 4;

}  // namespace

std::string name_suffix(const ClusterUid& uid, std::string_view purpose, int counter) {
  const Digest digest = sha256(concat(uid.value(), "/", purpose, "/", counter));
  std::string suffix;
  for (std::size_t i = 0; i < kSuffixLength; ++i)
    suffix += kAlphabet[digest.bytes[i] % kAlphabet.size()];
  return suffix;
}

}  // namespace annals::fsm
