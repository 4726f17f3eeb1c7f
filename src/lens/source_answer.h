// What psql says of the server that a standby follows, typed. Pure. The words are its own,
// redacted, in one line, shortened.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "fsm/model/standby_answer.h"

namespace annals::lens {

// Where a server says it streams from: of its setting primary_conninfo. Never a password.
struct SourceAddress {
  std::vector<std::string> hosts{};
  std::int64_t port = 5432;

  friend bool operator==(const SourceAddress&, const SourceAddress&) = default;
};
SourceAddress read_conninfo(std::string_view conninfo);

// The question, and the words for psql that ask it in one line: fields with '|' in between.
std::string_view source_question();

// "10.0.0.7 rhino-a-0" in lines: address and name of each that streams from a server. The addresses
// of those that have another name than these.
std::vector<std::string> read_followers(std::string_view text,
                                        const std::vector<std::string>& members);

// As the standby itself answers: what a source is compared with.
struct OwnServer {
  std::string system_id;
  std::string started;                   // the server, in microseconds of the epoch
  std::vector<std::string> followers{};  // addresses that stream from it, but for its own members
  // Of a volume whose server is not asked: it may be the source itself, on the volume's timeline.
  std::vector<std::string> addresses{};
  std::int64_t timeline = 0;
};
// A second line, of IDENTIFY_SYSTEM, has the timeline.
fsm::SourceAnswer read_source(std::string_view output, const OwnServer& own);

// Asks a server whether it still has the segment with that position, on whatever timeline: one line
// with the segment's name, on this one, where all that it has is newer.
std::string lost_segment_question(std::uint64_t lsn, std::int64_t timeline);
// Empty where it has it, or does not say.
std::string read_lost_segment(std::string_view output);

// What is said in a pod of its volume: the words for that.
std::vector<std::string> volume_question();
// pg_controldata's answer, in English, which is as the server there would answer, and the pod's.
struct OwnVolume {
  std::string system_id{};
  std::int64_t timeline = 0;             // that it has come to
  std::vector<std::string> addresses{};  // of the pod

  friend bool operator==(const OwnVolume&, const OwnVolume&) = default;
};
Result<OwnVolume> read_control_data(std::string_view output);

// Of psql that could not connect, or was refused.
fsm::SourceAnswer read_source_error(std::string_view error_output);

}  // namespace annals::lens
