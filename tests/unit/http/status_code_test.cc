#include "http/status_code.h"

#include <gtest/gtest.h>

#include <array>
#include <utility>

namespace annals::http {
namespace {

TEST(StatusCode, SaysWhatACallerCanDo) {
  constexpr std::array kCodes{
      std::pair{400U, Errc::kInvalid},     std::pair{401U, Errc::kForbidden},
      std::pair{403U, Errc::kForbidden},   std::pair{404U, Errc::kNotFound},
      std::pair{408U, Errc::kUnavailable}, std::pair{409U, Errc::kConflict},
      std::pair{410U, Errc::kConflict},    std::pair{412U, Errc::kConflict},
      std::pair{422U, Errc::kInvalid},     std::pair{428U, Errc::kConflict},
      std::pair{429U, Errc::kUnavailable}, std::pair{500U, Errc::kUnavailable},
      std::pair{503U, Errc::kUnavailable},
  };
  for (const auto& [status, code] : kCodes) EXPECT_EQ(code_of_status(status), code) << status;
}

}  // namespace
}  // namespace annals::http
