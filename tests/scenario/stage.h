// Stage: one cluster's state and time, told one event after the other, with a trace of what each
// made. Each event goes through the journal's codec as well, to a second state that knows nothing
// else; and each is told twice to a copy of the state, which must not ask again for what is
// pending. What breaks that is kept.
#pragma once

#include <string>
#include <vector>

#include "fsm/machine.h"

namespace annals::scenario {

class Stage {
 public:
  Stage();

  // `what` is a line of the trace, if anything comes of it.
  void tell(const std::string& what, fsm::Input input);
  void set_time(Timestamp now) { now_ = now; }

  Timestamp now() const { return now_; }
  // Since the script began: "+2m10s".
  std::string moment(Timestamp time) const;
  fsm::ClusterState& state() { return state_; }
  // All of them, in order.
  const std::vector<fsm::Decision>& decisions() const { return decisions_; }

  // Since it was taken last.
  std::string take_trace();
  std::vector<std::string> take_breaches();

 private:
  void check_codec(const std::string& what, const fsm::Event& event, const fsm::Step& step);
  void check_again(const std::string& what, fsm::Event event);

  fsm::ClusterState state_;
  fsm::ClusterState decoded_;  // the same, from the records alone
  Timestamp start_;
  Timestamp now_;
  Sequence seq_;
  std::string trace_;
  std::vector<std::string> breaches_;
  std::vector<fsm::Decision> decisions_;
};

}  // namespace annals::scenario
