#include "postgres/tls/openssl.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <utility>

namespace annals::postgres {
namespace {

// No PEM text of ours comes near; it bounds what a stranger's Secret can make us parse.
constexpr std::size_t kPemBytesMax = std::size_t{1} << 20;

// OpenSSL's default asks on the terminal; ours has no passphrase to give.
int no_passphrase(char*, int, int, void*) { return -1; }

Result<BioPtr> reader_of(std::string_view pem) {
  if (pem.size() > kPemBytesMax) return fail(Errc::kInvalid, "PEM text of ", pem.size(), " bytes");
  BioPtr reader(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (!reader) return fail(openssl_error(Errc::kUnavailable, "read PEM"));
  return reader;
}

std::string content_of(BIO& memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(&memory, &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace

Error openssl_error(Errc code, std::string_view what) {
  const unsigned long first = ERR_get_error();
  ERR_clear_error();
  const char* reason = first == 0 ? nullptr : ERR_reason_error_string(first);
  return Error{code, concat(what, ": ", reason == nullptr ? "no reason given" : reason)};
}

Result<std::vector<CertificatePtr>> load_certificates(std::string_view pem) {
  Result<BioPtr> reader = reader_of(pem);
  if (!reader) return fail(std::move(reader).error());
  ERR_clear_error();
  std::vector<CertificatePtr> certificates;
  while (X509* next = PEM_read_bio_X509(reader->get(), nullptr, no_passphrase, nullptr)) {
    certificates.emplace_back(next);
  }
  const unsigned long reason = ERR_peek_last_error();
  const bool at_end =
      ERR_GET_LIB(reason) == ERR_LIB_PEM && ERR_GET_REASON(reason) == PEM_R_NO_START_LINE;
  if (certificates.empty() || !at_end) {
    return fail(openssl_error(Errc::kInvalid, "read certificate"));
  }
  ERR_clear_error();
  return certificates;
}

Result<KeyPtr> load_key(const Secret& pem) {
  Result<BioPtr> reader = reader_of(pem.reveal());
  if (!reader) return fail(std::move(reader).error());
  ERR_clear_error();
  KeyPtr key(PEM_read_bio_PrivateKey(reader->get(), nullptr, no_passphrase, nullptr));
  if (!key) return fail(openssl_error(Errc::kInvalid, "read private key"));
  return key;
}

Result<std::string> certificate_to_pem(X509& certificate) {
  BioPtr memory(BIO_new(BIO_s_mem()));
  if (!memory || PEM_write_bio_X509(memory.get(), &certificate) != 1) {
    return fail(openssl_error(Errc::kUnavailable, "write certificate"));
  }
  return content_of(*memory);
}

Result<Secret> key_to_pem(EVP_PKEY& key) {
  BioPtr memory(BIO_new(BIO_s_mem()));  // erased by BIO_free: BUF_MEM_free clears
  if (!memory || PEM_write_bio_PrivateKey_traditional(memory.get(), &key, nullptr, nullptr, 0,
                                                      no_passphrase, nullptr) != 1) {
    return fail(openssl_error(Errc::kUnavailable, "write private key"));
  }
  return Secret(content_of(*memory));
}

}  // namespace annals::postgres
