// RawServer: a listener on loopback that answers each connection with scripted bytes, however
// wrong. It knows nothing of HTTP but where a request's header ends. Runs on a thread of its own.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace annals::k8s {

struct Script {
  std::string answer;                    // sent after each request
  std::size_t piece = 0;                 // sent in pieces of so many bytes; 0: at once
  std::chrono::milliseconds between{0};  // pause between pieces
  bool endless = false;                  // repeats `answer` until the peer has gone
  bool keep_open = false;                // does not close afterwards
  int requests = 1;                      // that one connection answers
};

class RawServer {
 public:
  explicit RawServer(Script script);
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;
  ~RawServer();

  std::uint16_t port() const { return port_; }
  int connections() const { return connections_; }
  // Of these, how many the server has closed.
  int closed() const { return closed_; }
  std::uint64_t bytes_sent() const { return sent_; }
  // The requests so far, headers and all.
  std::vector<std::string> requests() const;

 private:
  void serve();
  void talk(int peer);
  bool receive_request(int peer);
  bool send_all(int peer);
  bool readable(int handle);

  Script script_;
  int listener_;
  int stop_read_ = -1;  // becomes readable when it is time to end
  int stop_write_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_ = 0;
  std::atomic<int> closed_ = 0;
  std::atomic<std::uint64_t> sent_ = 0;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;  // protected by mutex_
  std::thread thread_;
};

}  // namespace annals::k8s
