// Joint writes: what several clusters share is written by one of them at a time, and for all of
// them that wait. Reading what others have put there and writing it back with one's own would lose
// what came in between, and two that find nothing would each make their own; and a hundred clusters
// that each add themselves by a write of their own wait for a hundred, one after the other. Only
// the leader writes, so order within the process is enough. Belongs to the loop's thread and
// outlives all who wait.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "actions/action_result.h"
#include "actions/cluster_identity.h"

namespace annals::actions {

class JointWrites {
 public:
  // Writes for all of these; the first is the one that calls it.
  using Write =
      std::function<boost::asio::awaitable<Answer<ActionResult>>(std::vector<ClusterIdentity>)>;

  JointWrites() = default;
  JointWrites(const JointWrites&) = delete;
  JointWrites& operator=(const JointWrites&) = delete;

  // Calls `write` when no other write of the object is under way, in the order of asking; or gives
  // the answer of one that was called after this for somebody who asks for the same. That is
  // kUnknownOutcome where the other one was cancelled.
  boost::asio::awaitable<Answer<ActionResult>> write(std::string object, std::string asked,
                                                     ClusterIdentity cluster, Write write);

 private:
  struct Request;
  class Turn;
  using Requests = std::vector<std::shared_ptr<Request>>;

  Requests take_same(const std::string& object, const std::string& asked);
  void pass(const std::string& object);

  std::map<std::string, std::deque<std::shared_ptr<Request>>> lines_;  // by what is written now
};

}  // namespace annals::actions
