#include "k8s/credentials.h"

#include <utility>

#include "k8s/file.h"

namespace annals::k8s {
namespace {

constexpr Duration kReadAgainAfter = std::chrono::seconds(60);
constexpr std::size_t kFileMax = std::size_t{1} << 20U;

Result<Secret> content(const Material& material) {
  if (material.file.empty()) return material.data;
  return read_file(material.file, kFileMax);
}

Secret trimmed(const Secret& text) {
  std::string_view view = text.reveal();
  while (!view.empty() && (view.back() == '\n' || view.back() == '\r' || view.back() == ' ')) {
    view.remove_suffix(1);
  }
  return Secret(std::string(view));
}

bool same(const TlsMaterial& a, const TlsMaterial& b) {
  return a.authorities.reveal() == b.authorities.reveal() &&
         a.certificate.reveal() == b.certificate.reveal() && a.key.reveal() == b.key.reveal();
}

}  // namespace

Credentials::Credentials(boost::asio::any_io_executor executor, Config config, const Clock& clock)
    : executor_(std::move(executor)), config_(std::move(config)), clock_(clock) {}
Credentials::~Credentials() = default;

boost::asio::awaitable<Answer<Authorization>> Credentials::current() {
  const Duration now = clock_.steady();
  if (!read_at_ || now - *read_at_ >= kReadAgainAfter) {
    Result<void> read = read_files();
    const bool usable = current_.generation != 0;
    if (!read && !usable) {
      co_return refuse(Trouble::kNotSent, "credentials: ", std::move(read).error().detail);
    }
    read_at_ = now;
  }
  co_return current_;
}

bool Credentials::invalidate() {
  read_at_.reset();
  return !config_.token.file.empty();
}

Result<void> Credentials::read_files() {
  Result<Secret> token = content(config_.token);
  if (!token) return fail(std::move(token).error().while_doing("token"));
  TlsMaterial fresh;
  fresh.verify = !config_.insecure_skip_tls_verify;
  for (const auto& [from, to] : {std::pair(&config_.certificate_authority, &fresh.authorities),
                                 std::pair(&config_.client_certificate, &fresh.certificate),
                                 std::pair(&config_.client_key, &fresh.key)}) {
    Result<Secret> text = content(*from);
    if (!text) return fail(std::move(text).error());
    *to = *std::move(text);
  }
  // A rotated pair is written one file after the other; a half is refused here and read again
  // later.
  if (current_.generation == 0 || !same(fresh, material_)) {
    std::swap(material_, fresh);
    Result<void> built = rebuild_tls();
    if (!built) {
      std::swap(material_, fresh);
      return built;
    }
  }
  current_.bearer = trimmed(*token);
  return {};
}

Result<void> Credentials::rebuild_tls() {
  if (config_.server.tls) {
    Result<TlsContext> context = make_tls_context(material_);
    if (!context) return fail(std::move(context).error());
    current_.tls = *std::move(context);
  }
  ++current_.generation;
  return {};
}

}  // namespace annals::k8s
