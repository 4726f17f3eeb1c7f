#include "k8s/credentials/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>

namespace annals::k8s {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

boost::asio::const_buffer buffer(const Secret& text) {
  return {text.reveal().data(), text.reveal().size()};
}

Result<void> load_own(const TlsMaterial& material, ssl::context& context) {
  if (material.certificate.empty()) return {};
  error_code ec;
  context.use_certificate_chain(buffer(material.certificate), ec);
  if (ec) return fail(Errc::kInvalid, "client certificate: ", ec.message());
  context.use_private_key(buffer(material.key), ssl::context::pem, ec);
  if (ec) return fail(Errc::kInvalid, "client key: ", ec.message());
  if (SSL_CTX_check_private_key(context.native_handle()) != 1) {
    ERR_clear_error();
    return fail(Errc::kInvalid, "the client key does not belong to the client certificate");
  }
  return {};
}

}  // namespace

Result<TlsContext> make_tls_context(const TlsMaterial& material) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  if (SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION) != 1) {
    return fail(Errc::kInvalid, "TLS 1.2 is not available");
  }
  error_code ec;
  context->set_verify_mode(material.verify ? ssl::verify_peer : ssl::verify_none, ec);
  if (!ec && material.verify && material.authorities.empty()) context->set_default_verify_paths(ec);
  if (ec) return fail(Errc::kInvalid, "TLS: ", ec.message());
  if (!material.authorities.empty()) {
    context->add_certificate_authority(buffer(material.authorities), ec);
    if (ec) return fail(Errc::kInvalid, "certificate authority: ", ec.message());
  }
  Result<void> own = load_own(material, *context);
  if (!own) return fail(std::move(own).error());
  return context;
}

}  // namespace annals::k8s
