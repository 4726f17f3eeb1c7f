#include "lens/receipt.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/printable.h"
#include "k8s/lens/dom.ipp"
#include "k8s/text/json.h"
#include "k8s/text/json_scratch.ipp"
#include "k8s/text/rfc3339.h"
#include "lens/safe.h"
#include "manifests/json.h"
#include "spec/restore_target.h"
#include "spec/text.h"

namespace annals::lens {
namespace {

namespace dom = simdjson::dom;

constexpr std::int64_t kReceiptVersion = 1;
constexpr std::size_t kReceiptMax = 4096;  // bytes: a receipt has some 250
constexpr std::size_t kObjectNameMax = 253;
constexpr std::size_t kToldMax = 60;  // of a text, in an error
constexpr std::int64_t kTimelineMax = std::numeric_limits<std::uint32_t>::max();

bool is_object_name(std::string_view name) {
  if (name.size() > kObjectNameMax) return false;
  for (;;) {
    const std::size_t dot = name.find('.');
    if (!spec::is_dns_label(name.substr(0, dot))) return false;
    if (dot == name.npos) return true;
    name.remove_prefix(dot + 1);
  }
}

bool is_cluster(std::string_view text) {
  const std::size_t slash = text.find('/');
  return slash != text.npos && spec::is_dns_label(text.substr(0, slash)) &&
         is_object_name(text.substr(slash + 1));
}

// A number of 64 bits that is not 0, without leading zeros.
bool is_system_id(std::string_view text) {
  std::uint64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  return error == std::errc() && end == text.data() + text.size() && id > 0 && text.front() != '0';
}

// A position with a record before it.
bool is_position(std::string_view text) {
  return spec::trimmed(text) == text && spec::parse_lsn(text).value_or(0) > 0;
}

bool is_time(std::string_view text) {
  const Result<Timestamp> time = k8s::parse_rfc3339(text);
  return time && *time >= Timestamp{} &&
         annals::to_string(*time).size() == annals::to_string(Timestamp{}).size();
}

// Remembers the first member that is not as it has to be.
class ReceiptReader {
 public:
  explicit ReceiptReader(dom::element root) : root_(root) {}

  std::string text(std::string_view name, bool (*is_valid)(std::string_view)) {
    const std::optional<dom::element> found = k8s::member(root_, name);
    if (!found || !found->is_string()) return refuse(concat(name, " is no text"));
    const std::string_view text(*found);
    if (!is_valid(text))
      return refuse(concat(name, " is '", printable(text, kToldMax), "', which it cannot be"));
    return std::string(text);
  }
  std::int64_t number(std::string_view name, std::int64_t most) {
    const std::optional<dom::element> found = k8s::member(root_, name);
    const std::int64_t value = found && found->is_int64() ? std::int64_t(*found) : 0;
    if (value < 1 || value > most) (void)refuse(concat(name, " is no number from 1 to ", most));
    return value;
  }
  bool flag(std::string_view name) {
    const std::optional<dom::element> found = k8s::member(root_, name);
    if (found && !found->is_bool()) (void)refuse(concat(name, " is neither true nor false"));
    return found && found->is_bool() && bool(*found);
  }
  std::string refuse(std::string why) {
    if (trouble_.empty()) trouble_ = std::move(why);
    return {};
  }
  const std::string& trouble() const { return trouble_; }

 private:
  dom::element root_;
  std::string trouble_;
};

Result<fsm::Receipt> receipt_in(dom::element root) {
  ReceiptReader reader(root);
  fsm::Receipt receipt;
  (void)reader.number("receipt", kReceiptVersion);
  receipt.cluster = reader.text("cluster", is_cluster);
  receipt.at = k8s::parse_rfc3339(reader.text("time", is_time)).value_or(Timestamp{});
  receipt.withdrawn = reader.flag("withdrawn");
  if (!receipt.withdrawn) {
    const auto position = [&](std::string_view name) {
      return spec::parse_lsn(reader.text(name, is_position)).value_or(0);
    };
    receipt.system_id = reader.text("systemIdentifier", is_system_id);
    receipt.timeline = reader.number("timeline", kTimelineMax);
    receipt.checkpoint_lsn = position("checkpoint");
    receipt.end_lsn = position("end");
    if (receipt.end_lsn > receipt.checkpoint_lsn) (void)reader.refuse("end is behind checkpoint");
  }
  if (!reader.trouble().empty())
    return fail(Errc::kInvalid, "no receipt of a shutdown: ", reader.trouble());
  return receipt;
}

// "2026-01-31T08:05:00Z", with a fraction where there is one.
std::string receipt_time(Timestamp at) {
  std::string text = annals::to_string(at);
  text.pop_back();
  while (text.ends_with('0') && text.contains('.')) text.pop_back();
  if (text.ends_with('.')) text.pop_back();
  return text + "Z";
}

}  // namespace

Result<fsm::Receipt> read_receipt(std::string_view text) {
  if (text.size() > kReceiptMax)
    return fail(Errc::kInvalid, "no receipt of a shutdown: longer than ", kReceiptMax, " bytes");
  k8s::JsonReader reader;
  try {
    return receipt_in(reader.scratch().dom.parse(text.data(), text.size()));
  } catch (const simdjson::simdjson_error& thrown) {
    return fail(Errc::kInvalid, "no receipt of a shutdown: malformed JSON: ", thrown.what());
  }
}

std::string receipt_text(const fsm::Receipt& receipt) {
  manifests::Json text = {{"receipt", kReceiptVersion},
                          {"cluster", receipt.cluster},
                          {"time", receipt_time(receipt.at)}};
  if (receipt.withdrawn) {
    text["withdrawn"] = true;
  } else {
    text["systemIdentifier"] = receipt.system_id;
    text["timeline"] = receipt.timeline;
    text["checkpoint"] = spec::lsn_text(receipt.checkpoint_lsn);
    text["end"] = spec::lsn_text(receipt.end_lsn);
  }
  return text.dump();
}

std::string words_of_put(std::string_view output) {
  constexpr std::size_t kWordsOfPutMax = 500;
  const std::size_t begin = output.find("ERROR: ");
  std::string words(begin == output.npos ? output : output.substr(begin));
  for (char& c : words) c = c == '\n' || c == '\t' ? ' ' : c;
  while (words.ends_with(' ')) words.pop_back();
  return safe_words(words, kWordsOfPutMax);
}

}  // namespace annals::lens
