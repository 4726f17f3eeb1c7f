#include "tests/simulation/regressions.h"

namespace annals::simulation {

std::vector<Regression> regressions() {
  const auto request = [](std::uint64_t at, RequestFault fault) {
    return Fault{.kind = FaultKind::kRequest,
                 .at = at,
                 .argument = static_cast<std::uint64_t>(fault),
                 .length_ms = 0};
  };
  const auto edit_externally = [](std::uint64_t at, std::uint64_t choice) {
    return Fault{.kind = FaultKind::kExternalEdit, .at = at, .argument = choice, .length_ms = 0};
  };
  const auto stream = [](std::uint64_t at, std::uint64_t argument) {
    return Fault{.kind = FaultKind::kStream, .at = at, .argument = argument, .length_ms = 0};
  };
  const auto slow_disk = [](std::uint64_t at, std::uint64_t length) {
    return Fault{.kind = FaultKind::kFaultState, .at = at, .argument = 11, .length_ms = length};
  };
  const auto broken_disk = [](std::uint64_t at) {
    return Fault{.kind = FaultKind::kDisk, .at = at, .argument = 0, .length_ms = 0};
  };
  return {
      {"an answer that came late overwrote what somebody had changed since",
       "create",
       120,
       {edit_externally(5'583, 205), request(3, RequestFault::kSlow)}},
      {"a retry stayed owed after its write had happened",
       "create",
       118,
       {request(15, RequestFault::kSlow), request(18, RequestFault::kGatewayTimeout),
        edit_externally(8'793, 268)}},
      {"so did that of the finalizer", "create", 375, {request(1, RequestFault::kGatewayTimeout)}},
      {"facts were compared with knowledge that a restart was about to clear",
       "spec-change",
       215,
       {broken_disk(31'743), slow_disk(15'460, 52'093)}},
      {"the shared authority was not mended", "create", 11, {edit_externally(10'510, 401)}},
      {"a namesake adopted an instance of its predecessor",
       "namesake",
       1625,
       {Fault{.kind = FaultKind::kStream, .at = 26'932, .argument = 469, .length_ms = 0},
        Fault{.kind = FaultKind::kCrash, .at = 29, .argument = 1, .length_ms = 0}}},
      {"a cluster that was thought to be gone lived on in the journal and began anew in memory",
       "namesake",
       480,
       {Fault{.kind = FaultKind::kCrash, .at = 240, .argument = 2, .length_ms = 0},
        Fault{.kind = FaultKind::kStream, .at = 4'089, .argument = 509, .length_ms = 0}}},
      {"a namesake's objects were taken for its own",
       "namesake",
       1212,
       {request(3, RequestFault::kTooMany), request(21, RequestFault::kLate)}},
      {"a status whose answer was lost stood there for good when the one before it was right again",
       "restart",
       183,
       {Fault{.kind = FaultKind::kFaultState, .at = 95'823, .argument = 8, .length_ms = 814},
        request(47, RequestFault::kGatewayTimeout),
        Fault{.kind = FaultKind::kClock, .at = 66'439, .argument = 1, .length_ms = 442}}},
      {"a volume that was refused once was never asked for again",
       "backups",
       559,
       {request(35, RequestFault::kForbidden), stream(1'928, 538), edit_externally(4'920, 542)}},
      {"a pod that was ready and led was ended for old news that it was not",
       "rolling-update",
       344,
       {Fault{.kind = FaultKind::kFaultState, .at = 8'363, .argument = 5, .length_ms = 58},
        request(18, RequestFault::kLate)}},
      {"a workload ran before its deletion could be held",
       "delete-early",
       37,
       {request(1, RequestFault::kUnavailable)}},
  };
}

}  // namespace annals::simulation
