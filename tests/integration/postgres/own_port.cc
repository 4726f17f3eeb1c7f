#include "tests/integration/postgres/own_port.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>
#include <string>

#include "base/concat.h"

namespace annals::postgres {
namespace {

constexpr std::uint16_t kFirst = 21000;
constexpr std::uint16_t kCount = 1000;

bool nobody_listens(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  // As servers do, so that connections of the one before do not count.
  const int reuse = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof(reuse));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool bound =
      ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  ::close(socket);
  return bound;
}

}  // namespace

OwnPort::OwnPort() {
  const auto start = static_cast<std::uint16_t>(::getpid() % kCount);
  for (std::uint16_t step = 0; step < kCount; ++step)
    if (take(static_cast<std::uint16_t>(kFirst + (start + step) % kCount))) return;
  throw std::runtime_error(concat("no free port from ", kFirst, " to ", kFirst + kCount - 1));
}

OwnPort::~OwnPort() { ::close(lock_); }

// The file stays: one that is removed could be locked by its last user and by a new one at once.
bool OwnPort::take(std::uint16_t number) {
  const std::string file =
      std::filesystem::temp_directory_path() / concat("annals-test-port-", number, ".lock");
  lock_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_ >= 0 && ::flock(lock_, LOCK_EX | LOCK_NB) == 0 && nobody_listens(number)) {
    number_ = number;
    return true;
  }
  if (lock_ >= 0) ::close(lock_);
  lock_ = -1;
  return false;
}

}  // namespace annals::postgres
