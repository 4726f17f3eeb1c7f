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

struct JointWrites::Request {
  Request(const asio::any_io_executor& executor, std::string what, ClusterIdentity whose)
      : asked(std::move(what)), cluster(std::move(whose)), bell(executor) {
    bell.expires_at(asio::steady_timer::time_point::max());
  }

  std::string asked;
  ClusterIdentity cluster;
  asio::steady_timer bell;  // rings when it has its turn, or an answer
  bool has_turn = false;
  std::optional<Answer<ActionResult>> answer;
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
    for (const std::shared_ptr<Request>& other : others_) all.push_back(other->cluster);
    return all;
  }
  void answer(const Answer<ActionResult>& written) {
    for (const std::shared_ptr<Request>& other : std::exchange(others_, {})) {
      other->answer = written;
      other->bell.cancel();
    }
  }

 private:
  JointWrites& writes_;
  std::string object_;
  Requests others_;
};

// A bell that rings without a turn or an answer is a cancellation: who was cancelled leaves the
// line, if nobody has taken it out of there already.
asio::awaitable<Answer<ActionResult>> JointWrites::write(std::string object, std::string asked,
                                                         ClusterIdentity cluster, Write write) {
  const bool is_free = lines_.try_emplace(object).second;
  if (!is_free) {
    const auto request =
        std::make_shared<Request>(co_await asio::this_coro::executor, asked, cluster);
    lines_[object].push_back(request);
    (void)co_await request->bell.async_wait(asio::as_tuple(asio::use_awaitable));
    if (request->answer) co_return *request->answer;
    if (!request->has_turn) {
      const auto line = lines_.find(object);
      if (line != lines_.end()) std::erase(line->second, request);
      throw boost::system::system_error(asio::error::operation_aborted);
    }
  }
  Turn turn(*this, std::move(object), asked);
  Answer<ActionResult> written = co_await write(turn.clusters_with(std::move(cluster)));
  turn.answer(written);
  co_return written;
}

JointWrites::Requests JointWrites::take_same(const std::string& object, const std::string& asked) {
  Requests taken;
  std::erase_if(lines_.at(object), [&](const std::shared_ptr<Request>& request) {
    if (request->asked != asked) return false;
    taken.push_back(request);
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
  const std::shared_ptr<Request> next = std::move(line->second.front());
  line->second.pop_front();
  next->has_turn = true;
  next->bell.cancel();
}

}  // namespace annals::actions
