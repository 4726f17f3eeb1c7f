#include "api/endpoint.ipp"

#include <charconv>
#include <cstdint>

namespace annals::api {

namespace asio = boost::asio;
using asio::ip::tcp;

Result<tcp::endpoint> endpoint_of(const std::string& where) {
  const std::size_t colon = where.rfind(':');
  if (colon == std::string::npos) return fail(Errc::kInvalid, "not ADDRESS:PORT: " + where);
  std::uint16_t port = 0;
  const char* const end = where.data() + where.size();
  const auto [rest, error] = std::from_chars(where.data() + colon + 1, end, port);
  if (error != std::errc() || rest != end) return fail(Errc::kInvalid, "not a port in " + where);
  std::string text = where.substr(0, colon);
  if (text.empty()) return tcp::endpoint(asio::ip::address_v6::any(), port);
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  boost::system::error_code ec;
  const asio::ip::address address = asio::ip::make_address(text, ec);
  if (ec) return fail(Errc::kInvalid, "not an IP address in " + where);
  return tcp::endpoint(address, port);
}

}  // namespace annals::api
