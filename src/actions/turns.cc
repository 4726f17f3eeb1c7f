#include "actions/turns.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

namespace annals::actions {

namespace asio = boost::asio;

// Nobody hands a turn to one who has been cancelled: who is woken otherwise than by pass() leaves
// the line. pass() takes its successor out of the line, so "still in it" tells the two apart.
asio::awaitable<Turns::Turn> Turns::take(std::string what) {
  const auto [place, is_free] = taken_.try_emplace(what);
  if (!is_free) {
    const auto bell = std::make_shared<asio::steady_timer>(co_await asio::this_coro::executor);
    bell->expires_at(asio::steady_timer::time_point::max());
    taken_[what].push_back(bell);
    (void)co_await bell->async_wait(asio::as_tuple(asio::use_awaitable));
    const auto line = taken_.find(what);
    if (line != taken_.end() && std::erase(line->second, bell) > 0)
      throw boost::system::system_error(asio::error::operation_aborted);
  }
  co_return Turn(*this, std::move(what));
}

void Turns::pass(const std::string& what) {
  const auto line = taken_.find(what);
  if (line->second.empty()) {
    taken_.erase(line);
    return;
  }
  const std::shared_ptr<asio::steady_timer> next = std::move(line->second.front());
  line->second.pop_front();
  next->cancel();
}

}  // namespace annals::actions
