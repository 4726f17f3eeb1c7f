#include "postgres/sql/password.h"

#include <gmock/gmock.h>
#include <libpq-fe.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <memory>

namespace annals::postgres {
namespace {

// The salt of the example in RFC 7677, section 3, and the verifier of its password "pencil".
constexpr std::string_view kSalt =
    "\x5b\x6d\x99\x68\x9d\x12\x35\x8e\xec\xa0\x4b\x14\x12\x36\xfa\x81";
constexpr std::string_view kPencil =
    "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
    "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

Secret secret(std::string_view text) { return Secret(std::string(text)); }

// The verifier that libpq makes on the client's side, as psql's \password does.
Secret made_by_libpq(const Secret& password) {
  // A connection that was never made is enough when the algorithm is named.
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectStart("nonsense"),
                                                                PQfinish);
  char* verifier = PQencryptPasswordConn(connection.get(), std::string(password.reveal()).c_str(),
                                         "u", "scram-sha-256");
  Secret result(verifier == nullptr ? "" : verifier);
  PQfreemem(verifier);
  return result;
}

TEST(ScramVerifier, IsThatOfTheRfcsExample) {
  EXPECT_EQ(scram_verifier(secret("pencil"), kSalt).value().reveal(), kPencil);
}

TEST(ScramVerifier, OpensWithItsPasswordOnly) {
  EXPECT_TRUE(verify(secret("pencil"), secret(kPencil)).value());
  EXPECT_FALSE(verify(secret("pencil "), secret(kPencil)).value());
  EXPECT_FALSE(verify(secret(""), secret(kPencil)).value());
}

TEST(ScramVerifier, IsTheSameForTextsThatAreTheSameToAReader) {
  const Secret composed = scram_verifier(secret("pässwörd"), kSalt).value();
  EXPECT_TRUE(verify(secret("pa\u0308sswo\u0308rd"), composed).value());
  EXPECT_TRUE(verify(secret("pä\u00adssw\u00f6rd"), composed).value())
      << "a soft hyphen is nothing";
  EXPECT_FALSE(verify(secret("password"), composed).value());
}

TEST(ScramVerifier, AgreesWithLibpqWhereItsOrderOfStepsShows) {
  // A deprecated mark, a letter-like alef, an Arabic form that decomposes, a mended ideograph, a
  // soft hyphen.
  for (const std::string_view text :
       {"a\u0340", "a\u2135", "a\ufc5e", "\U0002f868", "a\u00ad", "\u00ad", "\u00a0", "\u05d0a"}) {
    EXPECT_TRUE(verify(secret(text), made_by_libpq(secret(text))).value()) << text;
  }
}

RC_GTEST_PROP(ScramVerifier, AgreesWithLibpqOnAnyBytes, ()) {
  const auto text = *rc::gen::nonEmpty(rc::gen::container<std::string>(
      rc::gen::suchThat(rc::gen::arbitrary<char>(), [](char c) { return c != '\0'; })));
  RC_ASSERT(verify(secret(text), made_by_libpq(secret(text))).value());
}

RC_GTEST_PROP(ScramVerifier, AgreesWithLibpqOnUnicode, ()) {
  // Latin, combining marks, Greek, Hebrew and Arabic (right to left), punctuation, ligatures, CJK.
  const auto code_point = rc::gen::oneOf(
      rc::gen::inRange<char32_t>(0x20, 0x24F), rc::gen::inRange<char32_t>(0x300, 0x400),
      rc::gen::inRange<char32_t>(0x5D0, 0x650), rc::gen::inRange<char32_t>(0x1E00, 0x2070),
      rc::gen::inRange<char32_t>(0x3040, 0x30FF), rc::gen::inRange<char32_t>(0xF900, 0xFB10),
      rc::gen::inRange<char32_t>(0xFF00, 0xFFA0), rc::gen::inRange<char32_t>(0x1F300, 0x1F600));
  std::string text;
  for (const char32_t c : *rc::gen::nonEmpty(rc::gen::container<std::u32string>(code_point))) {
    if (c < 0x80) {
      text += static_cast<char>(c);
    } else if (c < 0x800) {
      text += {static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 0x3F))};
    } else if (c < 0x10000) {
      text += {static_cast<char>(0xE0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 0x3F)),
               static_cast<char>(0x80 | (c & 0x3F))};
    } else {
      text += {static_cast<char>(0xF0 | c >> 18), static_cast<char>(0x80 | (c >> 12 & 0x3F)),
               static_cast<char>(0x80 | (c >> 6 & 0x3F)), static_cast<char>(0x80 | (c & 0x3F))};
    }
  }
  RC_ASSERT(verify(secret(text), made_by_libpq(secret(text))).value());
}

TEST(GeneratePassword, Has24CharactersOfItsSet) {
  const Randomness random = system_randomness();
  for (int i = 0; i < 100; ++i) {
    const Secret ascii = generate_password(PasswordType::kAscii, random);
    EXPECT_EQ(ascii.reveal().size(), 24U);
    EXPECT_EQ(ascii.reveal().find_first_of("'\"\\ `$%&!#~"), std::string_view::npos);
    const Secret plain = generate_password(PasswordType::kAlphaNumeric, random);
    EXPECT_EQ(plain.reveal().size(), 24U);
    EXPECT_EQ(plain.reveal().find_first_of("()*+,-./:;<=>?@[]^_{|}"), std::string_view::npos);
  }
}

TEST(GeneratePassword, MakesEachCharacterOfTheSetEquallyLikely) {
  // A generator that runs through all bytes: without rejection some characters would come up more
  // often.
  for (const auto& [type, size] : {std::pair{PasswordType::kAscii, std::size_t{84}},
                                   std::pair{PasswordType::kAlphaNumeric, std::size_t{62}}}) {
    unsigned next = 0;
    const Randomness counting = [&next](std::span<std::byte> bytes) {
      for (std::byte& byte : bytes) byte = static_cast<std::byte>(next++ & 0xffU);
    };
    const std::size_t length = 256 / size * size;
    const Secret password = generate_password(type, counting, length);
    std::map<char, std::size_t> times;
    for (const char c : password.reveal()) ++times[c];
    EXPECT_EQ(times.size(), size);
    for (const auto& [character, count] : times) EXPECT_EQ(count, 256 / size) << character;
  }
}

TEST(IsVerifier, TellsVerifiersFromPasswords) {
  EXPECT_TRUE(is_verifier(secret(kPencil)));
  EXPECT_TRUE(is_verifier(secret("md53175bce1d3201d16594cebf9d7eb3f9d")));
  for (const std::string_view text : {"", "pencil", "md5", "md53175bce1d3201d16594cebf9d7eb3f9G",
                                      "SCRAM-SHA-256$", "SCRAM-SHA-256$4096:salt$a:b"}) {
    EXPECT_FALSE(is_verifier(secret(text))) << text;
  }
}

// What is refused.

TEST(ScramVerifier, RefusesPasswordsThatNoClientCanSend) {
  EXPECT_EQ(scram_verifier(secret(""), kSalt).error().code, Errc::kInvalid);
  EXPECT_EQ(scram_verifier(Secret(std::string("a\0b", 3)), kSalt).error().code, Errc::kInvalid);
  EXPECT_FALSE(scram_verifier(secret("pencil"), ""));
  EXPECT_FALSE(scram_verifier(secret("pencil"), kSalt, 0));
}

RC_GTEST_PROP(ScramVerifier, IsReadStrictlyAndNeverShownInAnError, ()) {
  std::string damaged(kPencil);
  const auto at = *rc::gen::inRange<std::size_t>(0, damaged.size());
  damaged.erase(at, *rc::gen::inRange<std::size_t>(1, 5));
  const Result<bool> opened = verify(secret("pencil"), secret(damaged));
  if (opened) {
    RC_ASSERT(!*opened);  // fewer iterations, or a shorter salt
  } else {
    RC_ASSERT(opened.error().detail == "not a SCRAM-SHA-256 verifier");
  }
}

}  // namespace
}  // namespace annals::postgres
