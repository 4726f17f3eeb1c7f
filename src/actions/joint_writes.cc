#include "actions/joint_writes.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <optional>
#include <utility>

namespace annals::actions {

namespace asio = boost::asio;

struct JointWrites::Wish {
  Wish(const asio::any_io_executor& executor, std::string what, ClusterIdentity whose)
      : asked(std::move(what)), cluster(std::move(whose)), bell(executor) {
    bell.expires_at(asio::steady_timer::time_point::max());
  }

  std::string asked;
  ClusterIdentity cluster;
  asio::steady_timer bell;  // rings when it has its turn, or an answer
  bool has_turn = false;
  std::optional<Answer<Written>> answer;
};

// The right to write the object, for these as well. Passes on when destroyed; who has no answer by
// then gets the one that nothing is known.
class JointWrites::Turn {
 public:
  Turn(JointWrites& writes, std::string object, const std::string& asked)
      : writes_(writes), object_(std::move(object)), others_(writes.take_same(object_, asked)) {}
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    answer(k8s::refuse(k8s::Trouble::kUnknownOutcome, "the shared write was abandoned"));
    writes_.pass(object_);
  }

  std::vector<ClusterIdentity> clusters_with(ClusterIdentity first) const {
    std::vector<ClusterIdentity> all{std::move(first)};
    for (const std::shared_ptr<Wish>& other : others_) all.push_back(other->cluster);
    return all;
  }
  void answer(const Answer<Written>& written) {
    for (const std::shared_ptr<Wish>& other : std::exchange(others_, {})) {
      other->answer = written;
      other->bell.cancel();
    }
  }

 private:
  JointWrites& writes_;
  std::string object_;
  Wishes others_;
};

// A bell that rings without a turn or an answer is a cancellation: who was cancelled leaves the
// line, if nobody has taken it out of there already.
asio::awaitable<Answer<Written>> JointWrites::write(std::string object, std::string asked,
                                                    ClusterIdentity cluster, Write write) {
  const bool is_free = lines_.try_emplace(object).second;
  if (!is_free) {
    const auto wish = std::make_shared<Wish>(co_await asio::this_coro::executor, asked, cluster);
    lines_[object].push_back(wish);
    (void)co_await wish->bell.async_wait(asio::as_tuple(asio::use_awaitable));
    if (wish->answer) co_return *wish->answer;
    if (!wish->has_turn) {
      const auto line = lines_.find(object);
      if (line != lines_.end()) std::erase(line->second, wish);
      throw boost::system::system_error(asio::error::operation_aborted);
    }
  }
  Turn turn(*this, std::move(object), asked);
  Answer<Written> written = co_await write(turn.clusters_with(std::move(cluster)));
  turn.answer(written);
  co_return written;
}

JointWrites::Wishes JointWrites::take_same(const std::string& object, const std::string& asked) {
  Wishes taken;
  std::erase_if(lines_.at(object), [&](const std::shared_ptr<Wish>& wish) {
    if (wish->asked != asked) return false;
    taken.push_back(wish);
    return true;
  });
  return taken;
}

void JointWrites::pass(const std::string& object) {
  const auto line = lines_.find(object);
  if (line->second.empty()) {
    lines_.erase(line);
    return;
  }
  const std::shared_ptr<Wish> next = std::move(line->second.front());
  line->second.pop_front();
  next->has_turn = true;
  next->bell.cancel();
}

}  // namespace annals::actions
