// Kubelet: the server's end of a WebSocket of pods/exec or pods/portforward, of another make
// (Beast's) than the client's.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/websocket.hpp>
#include <string>
#include <string_view>

#include "k8s/pods/exec_channels.h"

namespace annals::k8s {

// The status of a command that ended well.
inline constexpr std::string_view kSuccess = R"({"metadata":{},"status":"Success"})";

class Kubelet {
 public:
  Kubelet(boost::asio::ip::tcp::socket& socket, const std::string& protocol) : stream_(socket) {
    boost::beast::http::read(socket, buffer_, request_);
    stream_.set_option(boost::beast::websocket::stream_base::decorator(
        [protocol](boost::beast::websocket::response_type& answer) {
          answer.set(boost::beast::http::field::sec_websocket_protocol, protocol);
        }));
    stream_.accept(request_);
    stream_.binary(true);
  }

  std::string target() const { return std::string(request_.target()); }
  void say(ExecChannel channel, std::string_view bytes) {
    stream_.write(boost::asio::buffer(channel_message(channel, bytes)));
  }
  void say(std::string_view bytes) { stream_.write(boost::asio::buffer(bytes)); }
  std::string hear() {
    boost::beast::flat_buffer message;
    stream_.read(message);
    return boost::beast::buffers_to_string(message.data());
  }
  void ping() { stream_.ping("still there?"); }
  void close() { stream_.close(boost::beast::websocket::close_code::normal); }

 private:
  boost::beast::flat_buffer buffer_;
  boost::beast::http::request<boost::beast::http::string_body> request_;
  boost::beast::websocket::stream<boost::asio::ip::tcp::socket&> stream_;
};

}  // namespace annals::k8s
