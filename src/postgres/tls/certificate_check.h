// Reading and judging certificates, our own or a stranger's: what one says, whether a CA signed it,
// and whether it is time for a new one. All pure: the time is an argument. Thread-safe: no state.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "postgres/tls/certificate.h"

namespace annals::postgres {

// What may be told about a certificate; none of it is secret.
struct CertificateInfo {
  std::string common_name;             // empty when the subject has none
  std::string issuer;                  // the issuer's common name
  std::vector<std::string> dns_names;  // of subjectAltName, in its order
  std::string serial;                  // lower-case hexadecimal
  std::string fingerprint;             // SHA-256 of the DER form, 64 lower-case hexadecimal digits
  Timestamp not_before;
  Timestamp not_after;
  bool is_ca = false;
};

// The first certificate of the PEM text. kInvalid when there is none or it does not parse.
Result<CertificateInfo> parse_certificate(std::string_view pem);

// Whether the key is the certificate's. kInvalid when either cannot be read.
Result<bool> key_matches(const KeyPair& pair);

// Whether a client that trusts `ca_pem` (one or several certificates) would accept the leaf at
// `now` under each of these host names. The leaf's text may carry intermediates. kInvalid says why
// not.
Result<void> verify_leaf(std::string_view leaf_pem, std::string_view ca_pem,
                         std::span<const std::string> host_names, Timestamp now);

// Whether one of these authorities signed the leaf, at whatever time that was. kInvalid says why
// not.
Result<void> verify_signature(std::string_view leaf_pem, std::string_view ca_pem);

// The first name that a client can ask for and find in the certificate: the first DNS name, of
// which
// `*` stands for any label, or else the common name. Empty when it has neither.
std::string name_in(const CertificateInfo& info);

// The certificates of a PEM text and nothing else of it: neither keys nor comments. Empty when
// there is none.
std::string only_certificates(std::string_view pem);

enum class RenewalReason : std::uint8_t {
  kUnreadable,    // certificate or key is missing or broken
  kKeyMismatch,   // the key belongs to another certificate
  kNotCa,         // of a root only: it may not sign
  kOtherCa,       // this CA did not sign it
  kNamesChanged,  // the common name, or the set of DNS names
  kExpired,
  kNotYetValid,  // it begins in the future
  kLastThird,    // it still works; the last third of its life has begun
};

struct Renewal {
  RenewalReason reason;
  std::string detail;  // without secrets, may be empty
};

std::string_view to_string(RenewalReason reason);
// "expired: valid until 2026-01-31T08:05:00.000000Z"
std::string to_string(const Renewal& renewal);

// Why a new leaf is due, or nothing. The order of the DNS names does not matter.
std::optional<Renewal> needs_renewal(const KeyPair& leaf, std::string_view ca_pem,
                                     const LeafRequest& wanted, Timestamp now);

// Why it is of no use at this time, or nothing.
std::optional<Renewal> outside_its_time(const CertificateInfo& info, Timestamp now);

// Why a CA cannot sign, or nothing. A root is used to its end: each new one is new trust for all
// clients.
std::optional<Renewal> root_needs_renewal(const KeyPair& root, Timestamp now);

}  // namespace annals::postgres
