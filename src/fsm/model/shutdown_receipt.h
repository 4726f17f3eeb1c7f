// What a cluster that is shut down has of its receipt (receipt.h), and what is remembered of the
// Job that makes it. Without secrets.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/clock.h"
#include "fsm/model/receipt.h"
#include "fsm/text/message.h"

namespace annals::fsm {

struct ShutdownReceipt {
  Timestamp since{};  // when it was asked for: its Jobs are told by that from those of others
  int attempt = 0;
  std::string hash{};  // of the Job whose end is awaited; empty: of none
  std::optional<Receipt> its{};
  // By repository in an object store, where that lies: where Jobs were told to put it, and where
  // they have.
  std::map<std::string, std::string> asked{};
  std::map<std::string, std::string> written{};
  std::map<std::string, std::string> failed{};  // by repository: why the last Job has not
  std::optional<Timestamp> retry_at{};          // the next Job begins then
  Message failure{};                            // of the last Job
  bool impossible = false;                      // another one would say the same

  friend bool operator==(const ShutdownReceipt&, const ShutdownReceipt&) = default;
};

}  // namespace annals::fsm
