#include "fsm/view/named_receipt.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "base/concat.h"
#include "spec/restore_target.h"

namespace annals::fsm {
namespace {

bool is_of_position(char c) {
  return c == '/' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

std::int64_t leading_number(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// A receipt's values have no blanks, quotes or backslashes.
std::string without_blanks(std::string_view text) {
  std::string kept(text);
  std::erase_if(kept, [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; });
  return kept;
}

std::string_view receipt_member(std::string_view json, std::string_view name) {
  const std::string start = concat("\"", name, "\":");
  const std::size_t at = json.find(start);
  if (at == json.npos) return {};
  json.remove_prefix(at + start.size());
  if (!json.starts_with('"')) return json.substr(0, json.find_first_of(",}"));
  json.remove_prefix(1);
  return json.substr(0, json.find('"'));
}

std::optional<Receipt> read_json(const std::string& json) {
  if (!json.ends_with('}')) return std::nullopt;
  Receipt receipt{.cluster = std::string(receipt_member(json, "cluster")),
                  .system_id = std::string(receipt_member(json, "systemIdentifier")),
                  .timeline = leading_number(receipt_member(json, "timeline")),
                  .checkpoint_lsn = spec::parse_lsn(receipt_member(json, "checkpoint")).value_or(0),
                  .end_lsn = spec::parse_lsn(receipt_member(json, "end")).value_or(0),
                  .withdrawn = receipt_member(json, "withdrawn") == "true"};
  const bool is_whole = receipt.timeline > 0 && receipt.end_lsn > 0 && !receipt.system_id.empty();
  if (!is_whole && !receipt.withdrawn) return std::nullopt;
  return receipt;
}

}  // namespace

bool names_receipt(std::string_view text) {
  if (text.starts_with('{')) return true;
  return text.contains('/') && std::ranges::all_of(text, is_of_position);
}

std::optional<Receipt> read_named_receipt(std::string_view text) {
  if (text.starts_with('{')) return read_json(without_blanks(text));
  const std::size_t slash = text.find('/');
  if (slash == text.npos) return std::nullopt;
  const std::string_view timeline = text.substr(0, slash);
  const std::optional<std::uint64_t> lsn = spec::parse_lsn(text.substr(slash + 1));
  const bool is_number = std::ranges::all_of(timeline, [](char c) { return c >= '0' && c <= '9'; });
  if (!lsn || *lsn == 0 || !is_number || leading_number(timeline) <= 0) return std::nullopt;
  return Receipt{.timeline = leading_number(timeline), .end_lsn = *lsn};
}

}  // namespace annals::fsm
