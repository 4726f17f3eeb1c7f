// A TCP port of the loopback address that stays free for one server of this process, also while
// that server is stopped. It lies outside the range from which the kernel takes the ports of
// connections (net.ipv4.ip_local_port_range begins at 32768): any client on the machine may get
// one of those. Other tests' processes keep off it by a lock on a file of its number.
#pragma once

#include <cstdint>

namespace annals::postgres {

class OwnPort {
 public:
  // Throws std::runtime_error when no port is left.
  OwnPort();
  OwnPort(const OwnPort&) = delete;
  OwnPort& operator=(const OwnPort&) = delete;
  ~OwnPort();

  std::uint16_t number() const { return number_; }

 private:
  bool take(std::uint16_t number);

  std::uint16_t number_ = 0;
  int lock_ = -1;
};

}  // namespace annals::postgres
