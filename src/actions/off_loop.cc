#include "actions/off_loop.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace annals::actions {

namespace asio = boost::asio;

namespace {

asio::awaitable<Result<SecretData>> call(std::function<Result<SecretData>()> work) {
  co_return work();
}

}  // namespace

struct OffLoop::Thread {
  asio::thread_pool pool{1};
};

OffLoop::OffLoop() : thread_(std::make_unique<Thread>()) {}

OffLoop::~OffLoop() {
  thread_->pool.stop();
  thread_->pool.join();
}

asio::awaitable<Result<SecretData>> OffLoop::compute(std::function<Result<SecretData>()> work) {
  Result<SecretData> data = co_await asio::co_spawn(thread_->pool.get_executor(),
                                                    call(std::move(work)), asio::use_awaitable);
  co_return data;
}

}  // namespace annals::actions
