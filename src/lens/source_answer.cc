#include "lens/source_answer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <optional>
#include <ranges>
#include <utility>

#include "base/concat.h"
#include "lens/safe.h"
#include "spec/restore_target.h"

namespace annals::lens {
namespace {

constexpr std::size_t kSourceWordsMax = 300;
constexpr std::size_t kFields = 7;
constexpr std::size_t kFieldsOfSystem = 4;
constexpr std::string_view kAddresses = "Addresses of the pod:";

// Owners of databases choose the path that sessions begin with, so every name has its schema.
constexpr std::string_view kQuestion =
    "SELECT pg_catalog.pg_is_in_recovery(), s.system_identifier, "
    "CASE WHEN pg_catalog.pg_is_in_recovery() "
    "THEN greatest(c.timeline_id, y.min_recovery_end_timeline)::bigint "
    "ELSE ('x' || pg_catalog.substr(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), "
    "1, 8))::bit(32)::bigint END, "
    "CASE WHEN pg_catalog.pg_is_in_recovery() "
    "THEN pg_catalog.pg_last_wal_replay_lsn() - '0/0'::pg_catalog.pg_lsn "
    "ELSE pg_catalog.pg_current_wal_lsn() - '0/0'::pg_catalog.pg_lsn END, "
    "(SELECT count(*) FROM pg_catalog.pg_stat_wal_receiver), "
    "(pg_catalog.date_part('epoch', pg_catalog.pg_postmaster_start_time()) * 1000000)::bigint, "
    "pg_catalog.host(pg_catalog.inet_server_addr()) "
    "FROM pg_catalog.pg_control_system() AS s, pg_catalog.pg_control_checkpoint() AS c, "
    "pg_catalog.pg_control_recovery() AS y";

// As libpq reads them: values in quotes have backslashes before quotes and backslashes.
std::optional<std::pair<std::string, std::string>> next_setting(std::string_view& text) {
  const std::size_t name = text.find_first_not_of(" \t\n");
  const std::size_t equals = text.find('=');
  if (name == text.npos || equals == text.npos || equals < name) return std::nullopt;
  std::pair<std::string, std::string> setting{text.substr(name, equals - name), ""};
  std::size_t at = equals + 1;
  const bool is_quoted = at < text.size() && text[at] == '\'';
  if (is_quoted) ++at;
  for (; at < text.size() && text[at] != (is_quoted ? '\'' : ' '); ++at) {
    if (text[at] == '\\' && at + 1 < text.size()) ++at;
    setting.second += text[at];
  }
  text.remove_prefix(std::min(at + 1, text.size()));
  return setting;
}

template <class Number>
std::optional<Number> number_in(std::string_view text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::vector<std::string> parts_of(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (const auto part : text | std::views::split(separator))
    parts.emplace_back(std::string_view(part));
  return parts;
}

std::string_view first_line(std::string_view text) { return text.substr(0, text.find('\n')); }

// psql's further lines are advice, and begin with a blank.
std::string words_of_psql(std::string_view text) {
  std::string words;
  for (const std::string& line : parts_of(text, '\n')) {
    if (line.empty() || line.front() == ' ' || line.front() == '\t') continue;
    words += words.empty() ? line : "; " + line;
    if (words.size() > kSourceWordsMax) break;
  }
  return safe_words(words, kSourceWordsMax);
}

struct Sign {
  std::string_view words;
  fsm::SourceState state;
};

// The first that fits. Servers may speak another language; then what is left is told as it is.
constexpr auto kSigns = std::to_array<Sign>({
    {"database system is starting up", fsm::SourceState::kRefuses},
    {"database system is shutting down", fsm::SourceState::kRefuses},
    {"not yet accepting connections", fsm::SourceState::kRefuses},
    {"not accepting connections", fsm::SourceState::kRefuses},
    {"database system is in recovery mode", fsm::SourceState::kRefuses},
    {"Connection refused", fsm::SourceState::kRefuses},
    {"could not translate host name", fsm::SourceState::kSilent},
    {"timeout expired", fsm::SourceState::kSilent},
    {"timed out", fsm::SourceState::kSilent},
    {"No route to host", fsm::SourceState::kSilent},
    {"unreachable", fsm::SourceState::kSilent},
    {"FATAL:", fsm::SourceState::kLocksOut},
    {"no password supplied", fsm::SourceState::kLocksOut},
    {"certificate", fsm::SourceState::kLocksOut},
    {"SSL", fsm::SourceState::kLocksOut},
});

// "7412345678901234567|3|0/5000000|postgres", of IDENTIFY_SYSTEM: a server in recovery says by no
// function on which timeline it is before its next checkpoint. 0: it was not asked.
std::int64_t timeline_in(std::string_view line) {
  const std::vector<std::string> fields = parts_of(line, '|');
  return fields.size() == kFieldsOfSystem ? number_in<std::int64_t>(fields[1]).value_or(0) : 0;
}

// Pods of two Kubernetes may have one address, so the timeline has to be the same as well.
bool is_at(const OwnServer& own, const std::string& address, std::int64_t timeline) {
  return timeline == own.timeline &&
         std::ranges::find(own.addresses, address) != own.addresses.end();
}

fsm::SourceAnswer not_understood(std::string_view text) {
  return {.state = fsm::SourceState::kUnreadable, .words = words_of_psql(text)};
}

}  // namespace

std::string_view source_question() { return kQuestion; }

SourceAddress read_conninfo(std::string_view conninfo) {
  SourceAddress address;
  while (const auto setting = next_setting(conninfo)) {
    if (setting->first == "host" && !setting->second.empty())
      address.hosts = parts_of(setting->second, ',');
    if (setting->first == "port")
      address.port = number_in<std::int64_t>(setting->second).value_or(address.port);
  }
  return address;
}

fsm::SourceAnswer read_source(std::string_view output, const OwnServer& own) {
  const std::size_t end = output.find('\n');
  const std::vector<std::string> fields = parts_of(first_line(output), '|');
  if (fields.size() != kFields) return not_understood(output);
  const auto timeline = number_in<std::int64_t>(fields[2]);
  const auto lsn = number_in<std::uint64_t>(fields[3].empty() ? "0" : fields[3]);
  const auto receivers = number_in<std::int64_t>(fields[4]);
  const bool is_in_recovery = fields[0] == "t";
  if (!timeline || !lsn || !receivers || (!is_in_recovery && fields[0] != "f"))
    return not_understood(output);
  if (*timeline < 0 || *receivers < 0) return not_understood(output);
  fsm::SourceAnswer answer{.timeline = *timeline, .lsn = *lsn};
  const std::int64_t told =
      end == output.npos ? 0 : timeline_in(first_line(output.substr(end + 1)));
  if (told > 0) answer.timeline = told;
  if (fields[1] != own.system_id) {
    answer.state = fsm::SourceState::kStranger;
  } else if (fields[5] == own.started || is_at(own, fields[6], answer.timeline)) {
    answer.state = fsm::SourceState::kOneOfOurs;
  } else if (!is_in_recovery) {
    answer.state = fsm::SourceState::kWrites;
  } else {
    const bool is_ours = std::ranges::find(own.followers, fields[6]) != own.followers.end();
    answer.state = *receivers == 0 ? fsm::SourceState::kRecovers
                   : is_ours       ? fsm::SourceState::kFollowsUs
                                   : fsm::SourceState::kFollows;
  }
  return answer;
}

// _crunchyrepl may list files for pg_rewind. Segments are named as XLogFileName does. A source that
// has not come so far yet has removed nothing: what it has is older.
std::string lost_segment_question(std::uint64_t lsn, std::int64_t timeline) {
  return concat(
      "WITH s AS (SELECT pg_catalog.pg_size_bytes(pg_catalog.current_setting("
      "'wal_segment_size')) AS size), "
      "n AS (SELECT ",
      lsn, "::bigint / size AS number, 4294967296 / size AS per FROM s) ",
      "SELECT pg_catalog.upper(pg_catalog.lpad(pg_catalog.to_hex(", timeline,
      "), 8, '0') || pg_catalog.lpad(pg_catalog.to_hex(number / per), 8, '0') || "
      "pg_catalog.lpad(pg_catalog.to_hex(number % per), 8, '0')) FROM n WHERE number < ("
      "SELECT pg_catalog.min(('x' || pg_catalog.substr(f, 9, 8))::bit(32)::bigint * per + "
      "('x' || pg_catalog.substr(f, 17, 8))::bit(32)::bigint) "
      "FROM pg_catalog.pg_ls_dir('pg_wal', true, false) AS f WHERE f ~ '^[0-9A-F]{24}$')");
}

std::string read_lost_segment(std::string_view output) {
  const std::string_view line = first_line(output);
  return spec::is_wal_segment(line) ? std::string(line) : std::string();
}

std::vector<std::string> volume_question() {
  return {"bash", "-c",
          concat("echo \"", kAddresses, " $(hostname -i)\"; LC_ALL=C pg_controldata")};
}

Result<OwnVolume> read_control_data(std::string_view output) {
  OwnVolume own;
  for (const std::string& line : parts_of(output, '\n')) {
    const std::size_t colon = line.find(':');
    const std::size_t begin = line.find_first_not_of(" :", std::min(colon, line.size()));
    if (begin == line.npos) continue;
    const std::string_view value = std::string_view(line).substr(begin);
    if (line.starts_with(kAddresses)) own.addresses = parts_of(value, ' ');
    if (line.starts_with("Database system identifier:")) own.system_id = safe(std::string(value));
    if (line.starts_with("Latest checkpoint's TimeLineID:") ||
        line.starts_with("Min recovery ending loc's timeline:"))
      own.timeline = std::max(own.timeline, number_in<std::int64_t>(value).value_or(0));
  }
  if (!number_in<std::uint64_t>(own.system_id) || own.timeline == 0)
    return fail(Errc::kInvalid,
                "pg_controldata says nothing of a system identifier and a timeline");
  return own;
}

std::vector<std::string> read_followers(std::string_view text,
                                        const std::vector<std::string>& members) {
  std::vector<std::string> addresses;
  for (const std::string& line : parts_of(text, '\n')) {
    const std::size_t blank = line.find(' ');
    if (blank == line.npos || blank == 0) continue;
    const std::string name = line.substr(blank + 1);
    if (std::ranges::find(members, name) == members.end())
      addresses.push_back(line.substr(0, blank));
  }
  return addresses;
}

fsm::SourceAnswer read_source_error(std::string_view error_output) {
  const auto sign = std::ranges::find_if(
      kSigns, [&](const Sign& each) { return error_output.contains(each.words); });
  if (sign == kSigns.end()) return not_understood(error_output);
  return {.state = sign->state, .words = words_of_psql(error_output)};
}

}  // namespace annals::lens
