#include "postgres/tls/certificate_check.h"

#include <openssl/x509_vfy.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <memory>
#include <utility>

#include "postgres/tls/hex.h"
#include "postgres/tls/openssl.h"

namespace annals::postgres {
namespace {

using StorePtr = std::unique_ptr<X509_STORE, FreeWith<X509_STORE_free>>;
using StoreContextPtr = std::unique_ptr<X509_STORE_CTX, FreeWith<X509_STORE_CTX_free>>;
// The stack only refers to certificates that somebody else owns.
using StackPtr =
    std::unique_ptr<STACK_OF(X509), FreeWith<[](STACK_OF(X509) * stack) { sk_X509_free(stack); }>>;

// With its length, not up to a NUL: a name with a NUL inside is another name.
std::string text_of(const ASN1_STRING* text) {
  if (text == nullptr) return {};
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::string common_name(X509_NAME* name) {
  const int index = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (index < 0) return {};
  return text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index)));
}

std::vector<std::string> dns_names(const X509& certificate) {
  std::vector<std::string> found;
  const GeneralNamesPtr names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_DNS) found.push_back(text_of(name->d.dNSName));
  }
  return found;
}

std::optional<Timestamp> time_of(const ASN1_TIME* time) {
  std::tm tm{};
  if (ASN1_TIME_to_tm(time, &tm) != 1) return std::nullopt;
  const std::chrono::sys_days day{std::chrono::year{tm.tm_year + 1900} /
                                  std::chrono::month{static_cast<unsigned>(tm.tm_mon) + 1} /
                                  std::chrono::day{static_cast<unsigned>(tm.tm_mday)}};
  return Timestamp{day + std::chrono::hours{tm.tm_hour} + std::chrono::minutes{tm.tm_min} +
                   std::chrono::seconds{tm.tm_sec}};
}

std::string serial_of(X509& certificate) {
  const BignumPtr serial(ASN1_INTEGER_to_BN(X509_get_serialNumber(&certificate), nullptr));
  if (!serial) return {};
  std::vector<unsigned char> bytes(static_cast<std::size_t>(BN_num_bytes(serial.get())));
  BN_bn2bin(serial.get(), bytes.data());
  return to_hex(std::as_bytes(std::span(bytes)));
}

std::string fingerprint_of(const X509& certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (X509_digest(&certificate, EVP_sha256(), digest.data(), &size) != 1) return {};
  return to_hex(std::as_bytes(std::span(digest).first(size)));
}

Result<CertificateInfo> info_of(X509& certificate) {
  const std::optional<Timestamp> not_before = time_of(X509_get0_notBefore(&certificate));
  const std::optional<Timestamp> not_after = time_of(X509_get0_notAfter(&certificate));
  if (!not_before || !not_after) return fail(Errc::kInvalid, "certificate without a readable time");
  return CertificateInfo{.common_name = common_name(X509_get_subject_name(&certificate)),
                         .issuer = common_name(X509_get_issuer_name(&certificate)),
                         .dns_names = dns_names(certificate),
                         .serial = serial_of(certificate),
                         .fingerprint = fingerprint_of(certificate),
                         .not_before = *not_before,
                         .not_after = *not_after,
                         .is_ca = X509_check_ca(&certificate) == 1};
}

// The chain from the first of `leaves` to one of `roots`. Without a time, only the signatures
// count.
Result<void> verify_chain(std::span<const CertificatePtr> leaves,
                          std::span<const CertificatePtr> roots, std::optional<Timestamp> now) {
  const StorePtr store(X509_STORE_new());
  const StoreContextPtr context(X509_STORE_CTX_new());
  const StackPtr intermediates(sk_X509_new_null());
  if (!store || !context || !intermediates) {
    return fail(openssl_error(Errc::kUnavailable, "verify certificate"));
  }
  for (const CertificatePtr& root : roots) X509_STORE_add_cert(store.get(), root.get());
  for (const CertificatePtr& next : leaves.subspan(1)) {
    sk_X509_push(intermediates.get(), next.get());
  }
  if (X509_STORE_CTX_init(context.get(), store.get(), leaves.front().get(), intermediates.get()) !=
      1) {
    return fail(openssl_error(Errc::kUnavailable, "verify certificate"));
  }
  X509_VERIFY_PARAM* rules = X509_STORE_CTX_get0_param(context.get());
  if (now) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(*now).time_since_epoch();
    X509_VERIFY_PARAM_set_time(rules, static_cast<time_t>(seconds.count()));
  } else {
    X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_NO_CHECK_TIME);
  }
  if (X509_verify_cert(context.get()) == 1) return {};
  return fail(Errc::kInvalid,
              X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get())));
}

std::string joined(std::span<const std::string> names) {
  std::string text;
  for (const std::string& name : names) text += text.empty() ? name : ", " + name;
  return text;
}

std::optional<Renewal> names_differ(const CertificateInfo& info, const LeafRequest& wanted) {
  if (info.common_name != wanted.common_name) {
    return Renewal{RenewalReason::kNamesChanged,
                   concat("common name is ", info.common_name, ", expected ", wanted.common_name)};
  }
  std::vector<std::string> has = info.dns_names;
  std::vector<std::string> wants = wanted.dns_names;
  std::ranges::sort(has);
  std::ranges::sort(wants);
  if (has == wants) return std::nullopt;
  return Renewal{RenewalReason::kNamesChanged, concat("DNS names are ", joined(info.dns_names),
                                                      ", expected ", joined(wanted.dns_names))};
}

std::optional<Renewal> key_problem(const KeyPair& pair) {
  const Result<bool> matches = key_matches(pair);
  if (!matches) return Renewal{RenewalReason::kUnreadable, matches.error().detail};
  if (!*matches) return Renewal{RenewalReason::kKeyMismatch, {}};
  return std::nullopt;
}

}  // namespace

Result<CertificateInfo> parse_certificate(std::string_view pem) {
  Result<std::vector<CertificatePtr>> certificates = load_certificates(pem);
  if (!certificates) return fail(std::move(certificates).error());
  return info_of(*certificates->front());
}

Result<bool> key_matches(const KeyPair& pair) {
  Result<std::vector<CertificatePtr>> certificates = load_certificates(pair.certificate);
  if (!certificates) return fail(std::move(certificates).error());
  Result<KeyPtr> key = load_key(pair.key);
  if (!key) return fail(std::move(key).error());
  const EVP_PKEY* public_key = X509_get0_pubkey(certificates->front().get());
  return public_key != nullptr && EVP_PKEY_eq(public_key, key->get()) == 1;
}

Result<void> verify_leaf(std::string_view leaf_pem, std::string_view ca_pem,
                         std::span<const std::string> host_names, Timestamp now) {
  Result<std::vector<CertificatePtr>> leaves = load_certificates(leaf_pem);
  if (!leaves) return fail(std::move(leaves).error());
  Result<std::vector<CertificatePtr>> roots = load_certificates(ca_pem);
  if (!roots) return fail(std::move(roots).error().while_doing("read CA"));
  Result<void> chain = verify_chain(*leaves, *roots, now);
  if (!chain) return chain;
  for (const std::string& name : host_names) {
    if (X509_check_host(leaves->front().get(), name.data(), name.size(), 0, nullptr) != 1) {
      return fail(Errc::kInvalid, "the certificate is not for ", name);
    }
  }
  return {};
}

Result<void> verify_signature(std::string_view leaf_pem, std::string_view ca_pem) {
  Result<std::vector<CertificatePtr>> leaves = load_certificates(leaf_pem);
  if (!leaves) return fail(std::move(leaves).error());
  Result<std::vector<CertificatePtr>> roots = load_certificates(ca_pem);
  if (!roots) return fail(std::move(roots).error().while_doing("read CA"));
  return verify_chain(*leaves, *roots, std::nullopt);
}

std::string name_in(const CertificateInfo& info) {
  std::string name = info.dns_names.empty() ? info.common_name : info.dns_names.front();
  if (name.starts_with("*.")) name.replace(0, 1, "any");
  return name;
}

std::string only_certificates(std::string_view pem) {
  constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
  constexpr std::string_view kEnd = "-----END CERTIFICATE-----";
  std::string found;
  for (std::size_t begin = pem.find(kBegin); begin != std::string_view::npos;
       begin = pem.find(kBegin, begin + kBegin.size())) {
    const std::size_t end = pem.find(kEnd, begin);
    if (end == std::string_view::npos) break;
    found.append(pem.substr(begin, end - begin)).append(kEnd).append("\n");
  }
  return found;
}

std::string_view to_string(RenewalReason reason) {
  switch (reason) {
    case RenewalReason::kUnreadable:
      return "unreadable";
    case RenewalReason::kKeyMismatch:
      return "key mismatch";
    case RenewalReason::kNotCa:
      return "not a CA";
    case RenewalReason::kOtherCa:
      return "signed by another CA";
    case RenewalReason::kNamesChanged:
      return "names changed";
    case RenewalReason::kExpired:
      return "expired";
    case RenewalReason::kNotYetValid:
      return "not yet valid";
    case RenewalReason::kLastThird:
      return "in the last third of its validity";
  }
  return "unknown reason";
}

std::string to_string(const Renewal& renewal) {
  if (renewal.detail.empty()) return std::string(to_string(renewal.reason));
  return concat(to_string(renewal.reason), ": ", renewal.detail);
}

std::optional<Renewal> outside_its_time(const CertificateInfo& info, Timestamp now) {
  if (now > info.not_after) {
    return Renewal{RenewalReason::kExpired, concat("valid until ", info.not_after)};
  }
  if (now < info.not_before) {
    return Renewal{RenewalReason::kNotYetValid, concat("valid from ", info.not_before)};
  }
  return std::nullopt;
}

std::optional<Renewal> needs_renewal(const KeyPair& leaf, std::string_view ca_pem,
                                     const LeafRequest& wanted, Timestamp now) {
  if (std::optional<Renewal> problem = key_problem(leaf)) return problem;
  const Result<CertificateInfo> info = parse_certificate(leaf.certificate);
  if (!info) return Renewal{RenewalReason::kUnreadable, info.error().detail};
  const Result<std::vector<CertificatePtr>> leaves = load_certificates(leaf.certificate);
  const Result<std::vector<CertificatePtr>> roots = load_certificates(ca_pem);
  if (!leaves || !roots) return Renewal{RenewalReason::kOtherCa, "the CA is unreadable"};
  const Result<void> chain = verify_chain(*leaves, *roots, std::nullopt);
  if (!chain) return Renewal{RenewalReason::kOtherCa, chain.error().detail};
  if (std::optional<Renewal> names = names_differ(*info, wanted)) return names;
  if (std::optional<Renewal> time = outside_its_time(*info, now)) return time;
  const Timestamp due = info->not_after - (info->not_after - info->not_before) / 3;
  if (now > due) return Renewal{RenewalReason::kLastThird, concat("valid until ", info->not_after)};
  return std::nullopt;
}

std::optional<Renewal> root_needs_renewal(const KeyPair& root, Timestamp now) {
  if (std::optional<Renewal> problem = key_problem(root)) return problem;
  const Result<CertificateInfo> info = parse_certificate(root.certificate);
  if (!info) return Renewal{RenewalReason::kUnreadable, info.error().detail};
  if (!info->is_ca) return Renewal{RenewalReason::kNotCa, {}};
  return outside_its_time(*info, now);
}

}  // namespace annals::postgres
