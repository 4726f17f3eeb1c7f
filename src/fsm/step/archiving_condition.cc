#include "fsm/step/archiving_condition.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "fsm/text/say.h"

namespace annals::fsm {
namespace {

// pgBackRest's codes. With several repositories, and over its protocol, the code is another one,
// and the words have the error's name.
constexpr std::int64_t kOptionInvalid = 31;
constexpr std::int64_t kOptionInvalidLast = 37;
constexpr std::int64_t kArchiveMismatch = 44;
constexpr std::int64_t kArchiveDuplicate = 45;

struct Kind {
  const char* reason;
  bool (*is_it)(const ArchiveFailure& failure);
  Message (*remedy)();
};

bool says(const ArchiveFailure& failure, std::string_view words) {
  return failure.words.contains(words);
}

// clang-format off
constexpr std::array kKinds{
    Kind{"OtherWALOfThatName", [](const ArchiveFailure& its) {
           return its.code == kArchiveDuplicate || says(its, "ArchiveDuplicateError") ||
                  says(its, "different checksum"); },
         [] { return say::archive_has_other_wal(); }},
    Kind{"OtherDatabase", [](const ArchiveFailure& its) {
           return its.code == kArchiveMismatch || says(its, "ArchiveMismatchError"); },
         [] { return say::archive_of_another_database(); }},
    Kind{"NoSpaceLeft", [](const ArchiveFailure& its) {
           return says(its, "space left") || says(its, "[28]"); },
         [] { return say::archive_full(); }},
    Kind{"OtherCipher", [](const ArchiveFailure& its) {
           return says(its, "CryptoError") || says(its, "cipher header"); },
         [] { return say::archive_cipher_differs(); }},
    Kind{"StanzaMissing", [](const ArchiveFailure& its) {
           return says(its, "archive.info") && says(its, "FileMissingError"); },
         [] { return say::archive_without_stanza(); }},
    Kind{"InvalidOption", [](const ArchiveFailure& its) {
           return its.code >= kOptionInvalid && its.code <= kOptionInvalidLast; },
         [] { return say::archive_option_invalid(); }},
    Kind{"ArchiveCommandFailed", [](const ArchiveFailure& its) { return its.words.empty(); },
         [] { return say::archive_without_words(); }},
};
// clang-format on

const Kind* kind_of(const ArchiveFailure& failure) {
  const auto* const found =
      std::ranges::find_if(kKinds, [&](const Kind& kind) { return kind.is_it(failure); });
  return found == kKinds.end() ? nullptr : &*found;
}

}  // namespace

std::optional<Message> archive_failure(const ClusterState& state) {
  if (!state.archiver || !state.archiver->its.failure) return std::nullopt;
  const ArchiverSeen& seen = *state.archiver;
  const ArchiveFailure& failure = *seen.its.failure;
  const Kind* kind = kind_of(failure);
  const std::int64_t count = std::max<std::int64_t>(failure.count - seen.count_before, 1);
  const std::string since =
      seen.its.archived_at ? annals::to_string(*seen.its.archived_at) : std::string();
  return say::archiving_fails(
      since, failure.segment, count, annals::to_string(failure.at), failure.waiting,
      failure.code == 0 ? std::string() : std::to_string(failure.code), failure.words,
      kind == nullptr ? say::archive_log_has_more() : kind->remedy());
}

std::optional<RestoreVerdict> continuous_archiving(const ClusterState& state) {
  if (!state.archiver) return std::nullopt;
  const std::optional<Message> failure = archive_failure(state);
  if (!failure)
    return RestoreVerdict{.status = true, .reason = "WALArchived", .message = say::wal_archived()};
  const Kind* kind = kind_of(*state.archiver->its.failure);
  return RestoreVerdict{.status = false,
                        .reason = kind == nullptr ? "ArchiveCommandFailed" : kind->reason,
                        .message = *failure};
}

}  // namespace annals::fsm
