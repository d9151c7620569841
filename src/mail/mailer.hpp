// Mailer: gives letters to one SMTP server (RFC 5321), by STARTTLS or TLS (`smtps:`), with a login
// where one is set. Nothing is sent unprotected unless `plaintext` says so. One letter at a time on
// a thread of its own, so that a server that hangs holds up nobody else; each has its time limit.
// From any loop; owned by the composition root. Its end breaks off the letter on its way.
#pragma once

#include <atomic>
#include <memory>

#include "base/secret.hpp"
#include "mail/message.hpp"
#include "runtime/blocking_pool.hpp"

namespace telltale::mail {

struct Settings {
  std::string url;   // smtp://HOST:PORT or smtps://HOST:PORT; "": there is no mail
  std::string from;  // ada@example.org or Ada <ada@example.org>
  std::string username;
  base::Secret password;
  std::string ca_file;     // who signed the server's certificate; "": whom the system trusts
  bool plaintext = false;  // smtp: without STARTTLS
  std::chrono::milliseconds connect_limit{10'000};
  std::chrono::milliseconds answer_limit{20'000};  // for each of the server's answers
  std::chrono::milliseconds limit{120'000};        // for a letter
};

class Mailer {
 public:
  static constexpr std::size_t kWaitingMax = 32;  // letters; more are refused

  // invalid_argument: names the setting.
  static base::Result<std::unique_ptr<Mailer>> open(Settings settings, const base::Clock& clock);
  Mailer(const Mailer&) = delete;
  Mailer& operator=(const Mailer&) = delete;
  ~Mailer();

  // Breaks off the letter on its way and takes no more; any thread.
  void end() noexcept { ending_ = true; }
  bool is_set_up() const noexcept { return !settings_.url.empty(); }
  // Accepted by the server for every recipient. unavailable, deadline_exceeded, remote (it refused,
  // with its words), protocol.
  runtime::TaskResult<bool> send(Message message);

 private:
  Mailer(Settings settings, Mailbox from, const base::Clock& clock);
  base::Result<bool> deliver(const Message& message) const;

  Settings settings_;
  Mailbox from_;
  const base::Clock& clock_;
  std::atomic<bool> ending_{false};
  runtime::BlockingPool thread_{1, kWaitingMax};
};

}  // namespace telltale::mail
