// Work that only computes and takes milliseconds (keys, signatures, password verifiers) on a thread
// of its own: on the loop's, everything else would wait for it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>

#include "actions/secret_data.h"
#include "base/result.h"

namespace annals::actions {

class OffLoop {
 public:
  OffLoop();
  OffLoop(const OffLoop&) = delete;
  OffLoop& operator=(const OffLoop&) = delete;
  // Waits for what is being computed; the rest is dropped.
  ~OffLoop();

  // Called on the other thread: `work` owns all that it needs. In the order of asking.
  boost::asio::awaitable<Result<SecretData>> compute(std::function<Result<SecretData>()> work);

 private:
  struct Thread;
  std::unique_ptr<Thread> thread_;
};

}  // namespace annals::actions
