// OpenSSL's objects with owners, and PEM text in and out. Private to this folder: no header of ours
// that others include may include this one.
#pragma once

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace annals::postgres {

template <auto Free>
struct FreeWith {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};

using BioPtr = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;
using BignumPtr = std::unique_ptr<BIGNUM, FreeWith<BN_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, FreeWith<X509_free>>;
using GeneralNamesPtr = std::unique_ptr<GENERAL_NAMES, FreeWith<GENERAL_NAMES_free>>;

// "what: reason" with the oldest reason in this thread's OpenSSL queue, which is emptied.
// OpenSSL's reasons name routines and formats, never content.
Error openssl_error(Errc code, std::string_view what);

// All CERTIFICATE blocks of a PEM text, in order, at least one; other blocks are skipped. kInvalid.
Result<std::vector<CertificatePtr>> load_certificates(std::string_view pem);

// The first private key of a PEM text, PKCS#8 or SEC1. An encrypted one is kInvalid: nobody is
// asked.
Result<KeyPtr> load_key(const Secret& pem);

// The content as PEM. The buffer in between is erased.
Result<std::string> certificate_to_pem(X509& certificate);
// "EC PRIVATE KEY" (SEC1, RFC 5915), the form that PGO writes.
Result<Secret> key_to_pem(EVP_PKEY& key);

}  // namespace annals::postgres
