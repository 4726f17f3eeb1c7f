// The receipt of a clean shutdown as text: one line of JSON, in a repository (kReceiptFile) and in
// the last words of the Job that makes it. Pure.
//
//   {"checkpoint":"0/5000028","cluster":"postgres/hippo","end":"0/5000000","receipt":1,
//    "systemIdentifier":"7412345678901234567","time":"2026-01-31T08:05:00Z","timeline":1}
//   {"cluster":"postgres/hippo","receipt":1,"time":"2026-01-31T09:00:00Z","withdrawn":true}
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "fsm/model/receipt.h"

namespace annals::lens {

// Errc kInvalid where a member is missing, of another type or out of its range, and of another
// version. Members beyond those of the version are passed over.
Result<fsm::Receipt> read_receipt(std::string_view text);

// Members sorted by name, without blanks and without a newline.
std::string receipt_text(const fsm::Receipt& receipt);

// What `pgbackrest repo-put` said where it failed, redacted, in one line, shortened.
std::string words_of_put(std::string_view output);

}  // namespace annals::lens
