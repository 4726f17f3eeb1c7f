#include "postgres/sql/sql_error.h"

#include <gtest/gtest.h>

namespace annals::postgres {
namespace {

TEST(ErrcOfSqlstate, SaysWhatTheCallerCanDo) {
  EXPECT_EQ(errc_of_sqlstate("28P01"), Errc::kForbidden);    // wrong password
  EXPECT_EQ(errc_of_sqlstate("28000"), Errc::kForbidden);    // no hba line
  EXPECT_EQ(errc_of_sqlstate("42501"), Errc::kForbidden);    // privilege
  EXPECT_EQ(errc_of_sqlstate("25006"), Errc::kUnavailable);  // standby
  EXPECT_EQ(errc_of_sqlstate("57P03"), Errc::kUnavailable);  // starting up
  EXPECT_EQ(errc_of_sqlstate("53300"), Errc::kUnavailable);  // too many connections
  EXPECT_EQ(errc_of_sqlstate("57014"), Errc::kTimeout);      // cancelled
  EXPECT_EQ(errc_of_sqlstate("55P03"), Errc::kConflict);     // locked
  EXPECT_EQ(errc_of_sqlstate("40001"), Errc::kConflict);     // serialization
  EXPECT_EQ(errc_of_sqlstate("42P04"), Errc::kConflict);     // database exists
  EXPECT_EQ(errc_of_sqlstate("3D000"), Errc::kNotFound);     // no such database
  EXPECT_EQ(errc_of_sqlstate("XX001"), Errc::kCorrupt);      // broken page
  EXPECT_EQ(errc_of_sqlstate("42601"), Errc::kInvalid);      // syntax
  EXPECT_EQ(errc_of_sqlstate(""), Errc::kInvalid);
}

TEST(ConnectError, FindsTheSqlstateInWhateverLanguage) {
  const SqlError error = connect_error(
      "connection to server at \"10.0.0.1\", port 5432 failed: "
      "SCHWERWIEGEND:  57P03: das Datenbanksystem startet\nLOCATION:  ProcessStartupPacket, "
      "x.c:1\n");
  EXPECT_EQ(error.sqlstate, "57P03");
  EXPECT_EQ(error.error.code, Errc::kUnavailable);
  EXPECT_EQ(error.error.detail,
            "connection to server at \"10.0.0.1\", port 5432 failed: "
            "SCHWERWIEGEND:  57P03: das Datenbanksystem startet");
}

TEST(ConnectError, WithoutASqlstateTellsTlsFromTheRest) {
  EXPECT_EQ(connect_error("SSL error: certificate verify failed\n").error.code, Errc::kForbidden);
  EXPECT_EQ(connect_error("server does not support SSL, but SSL was required").error.code,
            Errc::kForbidden);
  EXPECT_EQ(connect_error("fe_sendauth: no password supplied").error.code, Errc::kForbidden);
  EXPECT_EQ(connect_error("Connection refused\n\tIs the server running?").error.code,
            Errc::kUnavailable);
  EXPECT_EQ(connect_error("").error.code, Errc::kUnavailable);
}

TEST(ConnectError, KeepsNoMoreThanItNeeds) {
  EXPECT_EQ(connect_error(std::string(100'000, 'x')).error.detail.size(), 500U);
  EXPECT_EQ(connect_error("one\nDETAIL:  secret\nHINT:  none\ntwo\n").error.detail, "one; two");
}

TEST(StatementError, PutsTheSqlstateFirst) {
  EXPECT_EQ(to_string(statement_error("42601", "syntax error").error),
            "invalid: SQLSTATE 42601: syntax error");
}

}  // namespace
}  // namespace annals::postgres
