// Credentials: turns a Config into what a connection needs now: a TLS context and a bearer token.
// Files are read again once a minute, because the kubelet and others rotate them in place. A
// credential plugin runs when what it printed has expired or was refused, once for all who wait.
// Belongs to the loop's thread; outlives everything that awaits it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "k8s/api_error.h"
#include "k8s/credentials/config.h"
#include "k8s/credentials/exec_credential.h"
#include "k8s/credentials/tls.h"

namespace annals::k8s {

struct Authorization {
  TlsContext tls;  // null for plain HTTP
  Secret bearer;   // empty without a token
  std::uint64_t generation =
      0;                    // another one: connections made with the last TLS context are outdated
  std::uint64_t issue = 0;  // counts what the credential plugin gave
};

class Credentials {
 public:
  // `clock` outlives this.
  Credentials(boost::asio::any_io_executor executor, Config config, const Clock& clock);
  Credentials(const Credentials&) = delete;
  Credentials& operator=(const Credentials&) = delete;
  ~Credentials();

  const Config& config() const { return config_; }

  // What to use for the next request. Where a file cannot be read any more, what was read before
  // stays in use; an error only when nothing usable was ever there, or when the credential plugin
  // is due and fails.
  boost::asio::awaitable<Answer<Authorization>> current();

  // The server said 401 to the credentials of that issue: get all of them anew at the next use.
  // False when that cannot help, because they stand in the configuration itself.
  bool invalidate(std::uint64_t issue);

 private:
  struct Run;  // of the plugin, and who waits for it

  bool plugin_due() const;
  boost::asio::awaitable<Result<void>> renew();
  boost::asio::awaitable<Result<void>> run_plugin();
  Result<void> take_printed(std::string_view printed);
  Result<void> read_files();
  Result<void> rebuild_tls();

  boost::asio::any_io_executor executor_;
  Config config_;
  const Clock& clock_;
  std::optional<Duration> read_at_;
  TlsMaterial material_;
  Authorization current_;
  std::unique_ptr<Run> run_;
  std::optional<ExecCredential> plugin_;
  bool refused_ = false;  // what the plugin gave last
};

}  // namespace annals::k8s
