#include "tests/integration/k8s/support/client_certificate.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>

namespace annals::k8s {
namespace {

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* thing) const {
    (void)Free(thing);
  }
};
using Bio = std::unique_ptr<BIO, Deleter<BIO_free>>;
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;

void must(bool fine) {
  if (!fine) throw std::runtime_error("OpenSSL refuses to make a certificate");
}

std::string content(const Bio& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

Bio reading(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

}  // namespace

ClientCertificate make_client_certificate(const std::string& authority,
                                          const std::string& authority_key,
                                          const std::string& common_name,
                                          std::chrono::seconds begins, std::chrono::seconds ends) {
  const Certificate issuer(PEM_read_bio_X509(reading(authority).get(), nullptr, nullptr, nullptr));
  const Key signer(
      PEM_read_bio_PrivateKey(reading(authority_key).get(), nullptr, nullptr, nullptr));
  const Key key(EVP_EC_gen("P-256"));
  const Certificate made(X509_new());
  must(issuer && signer && key && made);
  must(X509_set_version(made.get(), 2) == 1);
  must(ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 4711) == 1);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), begins.count());
  X509_gmtime_adj(X509_getm_notAfter(made.get()), ends.count());
  const auto* name = reinterpret_cast<const unsigned char*>(common_name.c_str());
  must(X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8, name, -1,
                                  -1, 0) == 1);
  must(X509_set_issuer_name(made.get(), X509_get_subject_name(issuer.get())) == 1);
  must(X509_set_pubkey(made.get(), key.get()) == 1);
  X509_EXTENSION* usage = X509V3_EXT_conf_nid(nullptr, nullptr, NID_ext_key_usage, "clientAuth");
  must(usage != nullptr && X509_add_ext(made.get(), usage, -1) == 1);
  X509_EXTENSION_free(usage);
  must(X509_sign(made.get(), signer.get(), EVP_sha256()) > 0);
  const Bio certificate(BIO_new(BIO_s_mem()));
  const Bio private_key(BIO_new(BIO_s_mem()));
  must(PEM_write_bio_X509(certificate.get(), made.get()) == 1);
  must(PEM_write_bio_PrivateKey(private_key.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                nullptr) == 1);
  return {content(certificate), content(private_key)};
}

}  // namespace annals::k8s
