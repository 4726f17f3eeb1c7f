// Where to listen, from a setting: "127.0.0.1:8081", "[::1]:8081", or ":8081" for all addresses.
// Pure.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <string>

#include "base/result.h"

namespace annals::api {

Result<boost::asio::ip::tcp::endpoint> endpoint_of(const std::string& where);

}  // namespace annals::api
