#include "k8s/credentials/config.h"

#include <algorithm>
#include <charconv>

#include "base/concat.h"
#include "base/printable.h"

namespace annals::k8s {
namespace {

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), port);
  return ec == std::errc() && end == text.data() + text.size() && port > 0 && port < 65536;
}

bool is_host(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_' || c == ':';
  });
}

bool is_path(std::string_view text) {
  return std::ranges::all_of(text,
                             [](char c) { return c > 0x20 && c < 0x7f && c != '?' && c != '#'; });
}

// Splits "host", "host:port", "[v6]" and "[v6]:port".
bool split_authority(std::string_view authority, ServerUrl& url) {
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) return false;
    url.host = authority.substr(1, close - 1);
    authority.remove_prefix(close + 1);
    if (authority.empty()) return true;
    if (!authority.starts_with(':')) return false;
    url.port = authority.substr(1);
    return true;
  }
  const std::size_t colon = authority.find(':');
  url.host = authority.substr(0, colon);
  if (colon != std::string_view::npos) url.port = authority.substr(colon + 1);
  return url.host.find(':') == std::string::npos;
}

}  // namespace

std::string ServerUrl::authority() const {
  const bool v6 = host.find(':') != std::string::npos;
  return v6 ? concat('[', host, "]:", port) : concat(host, ':', port);
}

Result<ServerUrl> parse_server_url(std::string_view text) {
  const auto refused = [text](std::string_view why) {
    return fail(Errc::kInvalid, "server URL '", printable(text, 200), "': ", why);
  };
  ServerUrl url;
  std::string_view rest = text;
  if (rest.starts_with("https://")) {
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
    url.tls = false;
  } else {
    return refused("it must start with https:// or http://");
  }
  url.port = url.tls ? "443" : "80";
  const std::size_t slash = rest.find('/');
  if (!split_authority(rest.substr(0, slash), url)) return refused("the host is malformed");
  if (!is_host(url.host)) return refused("the host is malformed");
  if (!is_port(url.port)) return refused("the port is not a number from 1 to 65535");
  if (slash != std::string_view::npos) url.prefix = rest.substr(slash);
  while (url.prefix.ends_with('/')) url.prefix.pop_back();
  if (!is_path(url.prefix)) return refused("the path is malformed");
  return url;
}

}  // namespace annals::k8s
