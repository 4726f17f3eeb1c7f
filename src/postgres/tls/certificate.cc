#include "postgres/tls/certificate.h"

#include <algorithm>
#include <utility>

#include "postgres/tls/certificate_check.h"
#include "postgres/tls/openssl.h"

namespace annals::postgres {
namespace {

constexpr std::size_t kCommonNameBytesMax = 64;  // RFC 5280, ub-common-name
constexpr std::size_t kDnsNameBytesMax = 254;    // RFC 1035, with the final dot
constexpr int kSerialBits = 128;

bool is_common_name(std::string_view name) {
  return !name.empty() && name.size() <= kCommonNameBytesMax &&
         std::ranges::none_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

// Underscores are for role names such as _crunchyrepl, which PGO puts here as well.
bool is_dns_name(std::string_view name) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_*";
  return !name.empty() && name.size() <= kDnsNameBytesMax &&
         name.find_first_not_of(kAllowed) == std::string_view::npos;
}

bool set_common_name(X509_NAME& name, std::string_view common_name) {
  return X509_NAME_add_entry_by_NID(&name, NID_commonName, MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(common_name.data()),
                                    static_cast<int>(common_name.size()), -1, 0) == 1;
}

bool set_serial(X509& certificate) {
  const BignumPtr serial(BN_new());
  return serial && BN_rand(serial.get(), kSerialBits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
         BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(&certificate)) != nullptr;
}

bool set_time(ASN1_TIME* field, Timestamp time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  return ASN1_TIME_set(field, static_cast<time_t>(seconds)) != nullptr;
}

bool add_extension(X509& certificate, X509& issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  const bool added = extension != nullptr && X509_add_ext(&certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

bool add_dns_names(X509& certificate, std::span<const std::string> dns_names) {
  if (dns_names.empty()) return true;
  const GeneralNamesPtr names(sk_GENERAL_NAME_new_null());
  for (const std::string& dns_name : dns_names) {
    ASN1_IA5STRING* text = ASN1_IA5STRING_new();
    GENERAL_NAME* name = GENERAL_NAME_new();
    if (text == nullptr || name == nullptr ||
        ASN1_STRING_set(text, dns_name.data(), static_cast<int>(dns_name.size())) != 1 ||
        sk_GENERAL_NAME_push(names.get(), name) == 0) {
      ASN1_IA5STRING_free(text);
      GENERAL_NAME_free(name);
      return false;
    }
    GENERAL_NAME_set0_value(name, GEN_DNS, text);
  }
  return X509_add1_ext_i2d(&certificate, NID_subject_alt_name, names.get(), 0,
                           X509V3_ADD_DEFAULT) == 1;
}

// X509_set_pubkey() would have OpenSSL 3 decode what it has just encoded, to have the key at hand:
// that takes longer than all the rest of a certificate.
bool set_public_key(X509& certificate, EVP_PKEY& key) {
  unsigned char* point = nullptr;
  const std::size_t size = EVP_PKEY_get1_encoded_public_key(&key, &point);
  if (size == 0) return false;
  if (X509_PUBKEY_set0_param(X509_get_X509_PUBKEY(&certificate),
                             OBJ_nid2obj(NID_X9_62_id_ecPublicKey), V_ASN1_OBJECT,
                             OBJ_nid2obj(NID_X9_62_prime256v1), point, static_cast<int>(size)) == 1)
    return true;
  OPENSSL_free(point);
  return false;
}

// What a root and a leaf have in common; the issuer, the extensions and the signature come after.
bool begin_certificate(X509& certificate, EVP_PKEY& key, std::string_view common_name,
                       Timestamp not_before, Timestamp not_after) {
  return X509_set_version(&certificate, X509_VERSION_3) == 1 && set_serial(certificate) &&
         set_time(X509_getm_notBefore(&certificate), not_before) &&
         set_time(X509_getm_notAfter(&certificate), not_after) &&
         set_common_name(*X509_get_subject_name(&certificate), common_name) &&
         set_public_key(certificate, key);
}

bool finish_root(X509& root, EVP_PKEY& key) {
  return X509_set_issuer_name(&root, X509_get_subject_name(&root)) == 1 &&
         add_extension(root, root, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
         add_extension(root, root, NID_key_usage, "critical,keyCertSign,cRLSign") &&
         add_extension(root, root, NID_subject_key_identifier, "hash") &&
         X509_sign(&root, &key, EVP_sha384()) != 0;
}

const char* extended_key_usage(Usage usage) {
  switch (usage) {
    case Usage::kServer:
      return "serverAuth";
    case Usage::kClient:
      return "clientAuth";
    case Usage::kServerAndClient:
      return "serverAuth,clientAuth";
  }
  return "serverAuth";
}

bool finish_leaf(X509& leaf, X509& ca, EVP_PKEY& ca_key, const LeafRequest& request) {
  return X509_set_issuer_name(&leaf, X509_get_subject_name(&ca)) == 1 &&
         add_extension(leaf, ca, NID_basic_constraints, "critical,CA:FALSE") &&
         add_extension(leaf, ca, NID_key_usage, "critical,digitalSignature") &&
         add_extension(leaf, ca, NID_ext_key_usage, extended_key_usage(request.usage)) &&
         add_extension(leaf, ca, NID_subject_key_identifier, "hash") &&
         add_extension(leaf, ca, NID_authority_key_identifier, "keyid") &&
         add_dns_names(leaf, request.dns_names) && X509_sign(&leaf, &ca_key, EVP_sha384()) != 0;
}

Result<KeyPair> to_key_pair(X509& certificate, EVP_PKEY& key) {
  Result<std::string> pem = certificate_to_pem(certificate);
  if (!pem) return fail(std::move(pem).error());
  Result<Secret> key_pem = key_to_pem(key);
  if (!key_pem) return fail(std::move(key_pem).error());
  return KeyPair{*std::move(pem), *std::move(key_pem)};
}

Result<void> check_names(const LeafRequest& request) {
  if (!is_common_name(request.common_name)) {
    return fail(Errc::kInvalid, "common name '", request.common_name,
                "' is not 1 to 64 bytes of text");
  }
  for (const std::string& name : request.dns_names) {
    if (!is_dns_name(name)) return fail(Errc::kInvalid, "'", name, "' is not a DNS name");
  }
  return {};
}

}  // namespace

Result<KeyPair> make_root(std::string_view common_name, Timestamp now) {
  if (!is_common_name(common_name)) {
    return fail(Errc::kInvalid, "common name '", common_name, "' is not 1 to 64 bytes of text");
  }
  const KeyPtr key(EVP_EC_gen("P-256"));
  const CertificatePtr root(X509_new());
  if (!key || !root ||
      !begin_certificate(*root, *key, common_name, now - kBackdate, now + kRootLifetime) ||
      !finish_root(*root, *key)) {
    return fail(openssl_error(Errc::kUnavailable, "make root certificate"));
  }
  return to_key_pair(*root, *key);
}

struct Authority::Parts {
  std::string pem;
  CertificateInfo info;
  CertificatePtr certificate;
  KeyPtr key;
};

Result<Authority> Authority::open(KeyPair pair) {
  constexpr std::string_view kWhere = "make leaf certificate: the CA";
  const auto unreadable = [&](const Error& error) {
    return fail(Errc::kInvalid, kWhere, " is ", to_string(RenewalReason::kUnreadable), ": ",
                error.detail);
  };
  Result<CertificateInfo> info = parse_certificate(pair.certificate);
  if (!info) return unreadable(info.error());
  Result<std::vector<CertificatePtr>> certificates = load_certificates(pair.certificate);
  if (!certificates) return unreadable(certificates.error());
  Result<KeyPtr> key = load_key(pair.key);
  if (!key) return unreadable(key.error());
  if (!info->is_ca) return fail(Errc::kInvalid, kWhere, " is ", to_string(RenewalReason::kNotCa));
  const EVP_PKEY* of_certificate = X509_get0_pubkey(certificates->front().get());
  if (of_certificate == nullptr || EVP_PKEY_eq(of_certificate, key->get()) != 1)
    return fail(Errc::kInvalid, kWhere, " is ", to_string(RenewalReason::kKeyMismatch));
  return Authority(
      std::make_shared<const Parts>(Parts{.pem = std::move(pair.certificate),
                                          .info = *std::move(info),
                                          .certificate = std::move(certificates->front()),
                                          .key = *std::move(key)}));
}

const std::string& Authority::certificate() const { return parts_->pem; }

Result<KeyPair> make_leaf(const KeyPair& ca, const LeafRequest& request, Timestamp now) {
  const Result<Authority> authority = Authority::open(ca);
  if (!authority) return fail(authority.error());
  return make_leaf(*authority, request, now);
}

Result<KeyPair> make_leaf(const Authority& ca, const LeafRequest& request, Timestamp now) {
  const Result<void> names = check_names(request);
  if (!names) return fail(names.error().while_doing("make leaf certificate"));
  const Authority::Parts& with = *ca.parts_;
  const std::optional<Renewal> broken = outside_its_time(with.info, now);
  if (broken) return fail(Errc::kInvalid, "make leaf certificate: the CA is ", to_string(*broken));

  const Timestamp end = std::min(Timestamp{now + request.lifetime}, with.info.not_after);
  const KeyPtr key(EVP_EC_gen("P-256"));
  const CertificatePtr leaf(X509_new());
  if (!key || !leaf || !begin_certificate(*leaf, *key, request.common_name, now - kBackdate, end) ||
      !finish_leaf(*leaf, *with.certificate, *with.key, request)) {
    return fail(openssl_error(Errc::kUnavailable, "make leaf certificate"));
  }
  return to_key_pair(*leaf, *key);
}

std::string common_name_of(std::span<const std::string> dns_names) {
  if (dns_names.empty()) return {};
  for (const std::string& name : dns_names) {
    if (name.size() <= kCommonNameBytesMax) return name;
  }
  const std::string& first = dns_names.front();
  return first.substr(0, std::min(first.find('.'), kCommonNameBytesMax));
}

}  // namespace annals::postgres
