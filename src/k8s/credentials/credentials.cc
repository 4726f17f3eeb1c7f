#include "k8s/credentials/credentials.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "base/printable.h"
#include "k8s/credentials/child_process.h"
#include "k8s/credentials/file.h"

namespace annals::k8s {

namespace asio = boost::asio;

namespace {

constexpr Duration kReadAgainAfter = std::chrono::seconds(60);
constexpr std::size_t kFileMax = std::size_t{1} << 20U;
constexpr std::size_t kComplaintMax = 500;  // of what a plugin says, in an error

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

// Marks a run of the plugin while it lives; who waits is woken at its end, however it ends.
struct Credentials::Run {
  explicit Run(const asio::any_io_executor& executor) : bell(executor) {
    bell.expires_at(asio::steady_timer::time_point::max());
  }
  struct Mark {
    explicit Mark(Run& owner) : run(owner) { run.under_way = true; }
    ~Mark() {
      run.under_way = false;
      run.bell.cancel();
    }
    Mark(const Mark&) = delete;
    Mark& operator=(const Mark&) = delete;
    Run& run;
  };

  asio::steady_timer bell;
  bool under_way = false;
  std::uint64_t finished = 0;
  Result<void> last;
};

Credentials::Credentials(asio::any_io_executor executor, Config config, const Clock& clock)
    : executor_(std::move(executor)),
      config_(std::move(config)),
      clock_(clock),
      run_(std::make_unique<Run>(executor_)) {}
Credentials::~Credentials() = default;

asio::awaitable<Answer<Authorization>> Credentials::current() {
  if (plugin_due()) {
    Result<void> renewed = co_await renew();
    if (!renewed) {
      co_return refuse(Trouble::kNotSent, "credentials: ", std::move(renewed).error().detail);
    }
  }
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

bool Credentials::invalidate(std::uint64_t issue) {
  read_at_.reset();
  if (config_.exec && issue == current_.issue) refused_ = true;  // else they are new already
  return config_.exec.has_value() || !config_.token.file.empty();
}

// ---- The plugin

bool Credentials::plugin_due() const {
  if (!config_.exec) return false;
  return !plugin_ || refused_ || (plugin_->expires && clock_.now() >= *plugin_->expires);
}

// Many requests may find it due at the same time: the first runs it, the others take its result.
asio::awaitable<Result<void>> Credentials::renew() {
  while (run_->under_way) {
    const std::uint64_t before = run_->finished;
    (void)co_await run_->bell.async_wait(asio::as_tuple(asio::use_awaitable));
    if (run_->finished != before) co_return run_->last;
  }
  const Run::Mark mark(*run_);
  Result<void> done = co_await run_plugin();
  run_->last = done;
  ++run_->finished;
  co_return done;
}

asio::awaitable<Result<void>> Credentials::run_plugin() {
  const ExecPlugin& plugin = *config_.exec;
  ChildCommand command{.program = plugin.command,
                       .arguments = plugin.arguments,
                       .environment = {},
                       .timeout = plugin.timeout,
                       .output_bytes_max = kFileMax};
  for (const ExecPlugin::Variable& variable : plugin.environment) {
    command.environment.emplace_back(variable.name, variable.value);
  }
  const Result<Secret> authorities = content(config_.certificate_authority);
  command.environment.emplace_back(
      "KUBERNETES_EXEC_INFO",
      exec_info(config_, authorities ? authorities->reveal() : std::string_view()));
  const Result<ChildEnd> end = co_await run_child(std::move(command));
  const std::string title = plugin_title(plugin);
  if (!end) {
    const bool hint = end.error().code == Errc::kNotFound && !plugin.install_hint.empty();
    co_return fail(end.error().code, title, ": ", end.error().detail, hint ? ". " : "",
                   hint ? plugin.install_hint : std::string());
  }
  if (end->signal != 0 || end->code != 0) {
    const bool died = end->signal != 0;
    co_return fail(Errc::kUnavailable, title, ": ", died ? "killed by signal " : "exit code ",
                   died ? end->signal : end->code, ": ",
                   printable(end->error_output, kComplaintMax));
  }
  Result<void> taken = take_printed(end->output.reveal());
  if (!taken) co_return fail(taken.error().code, title, ": ", taken.error().detail);
  co_return Result<void>();
}

Result<void> Credentials::take_printed(std::string_view printed) {
  Result<ExecCredential> credential = read_exec_credential(printed, config_.exec->api_version);
  if (!credential) return fail(std::move(credential).error());
  if (credential->expires && *credential->expires <= clock_.now()) {
    return fail(Errc::kInvalid, "printed a credential that expired at ",
                annals::to_string(*credential->expires));
  }
  plugin_ = *std::move(credential);
  refused_ = false;
  ++current_.issue;
  read_at_.reset();
  return {};
}

// ---- Files

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
  if (plugin_ && fresh.certificate.empty()) {
    fresh.certificate = plugin_->certificate;
    fresh.key = plugin_->key;
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
  current_.bearer = trimmed(token->empty() && plugin_ ? plugin_->token : *token);
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
