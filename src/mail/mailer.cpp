#include "mail/mailer.hpp"

#include <cstring>

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "mail/curl_functions.hpp"

namespace telltale::mail {
namespace {

constexpr std::size_t kReplyMax = 300;  // shown of what a server said

struct Upload {
  std::string_view left;
  std::string reply;  // what the server said last, or with what it refused
  const std::atomic<bool>* ending = nullptr;
};

std::size_t give(char* to, std::size_t size, std::size_t count, void* data) {
  auto& left = static_cast<Upload*>(data)->left;
  const auto taken = std::min(size * count, left.size());
  std::memcpy(to, left.data(), taken);
  left.remove_prefix(taken);
  return taken;
}
std::size_t take_reply(char* from, std::size_t size, std::size_t count, void* data) {
  const std::string_view line(from, size * count);
  auto& reply = static_cast<Upload*>(data)->reply;
  // The refusal, and not the farewell after it.
  const bool refused = !reply.empty() && (reply.front() == '4' || reply.front() == '5');
  if (!refused) reply = line.substr(0, std::min(line.find_first_of("\r\n"), kReplyMax));
  return size * count;
}
int is_over(void* data, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Upload*>(data)->ending->load() ? 1 : 0;
}

base::Error explain(CURLcode code, const Upload& upload, const char* words) {
  using base::Code;
  auto said = base::to_utf8(upload.reply);
  for (char& c : said)
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  const auto quoted = said.empty() ? std::string() : ": \"" + said + "\"";
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return {.code = Code::deadline_exceeded, .detail = "the mail server did not answer in time"};
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
      return {.code = Code::unavailable, .detail = "the mail server cannot be reached"};
    case CURLE_ABORTED_BY_CALLBACK:
      return {.code = Code::unavailable, .detail = "the server is shutting down"};
    case CURLE_LOGIN_DENIED:
      return {.code = Code::remote, .detail = "the mail server refused the login" + quoted};
    case CURLE_USE_SSL_FAILED:
      return {.code = Code::remote,
              .detail = "the mail server offers no TLS (--smtp-plaintext sends without)"};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CONNECT_ERROR:
      return {.code = Code::remote,
              .detail =
                  "no TLS with the mail server: its certificate is not trusted or not its "
                  "own (--smtp-ca)"};
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
      if (!said.empty() && (said.front() == '4' || said.front() == '5'))
        return {.code = Code::remote, .detail = "the mail server refused the letter" + quoted};
      return {.code = Code::protocol, .detail = "the mail server broke off" + quoted};
    default:
      return {.code = Code::protocol,
              .detail = fmt::format("the mail server does not speak SMTP ({}){}", words, quoted)};
  }
}

}  // namespace

Mailer::Mailer(Settings settings, Mailbox from, const base::Clock& clock)
    : settings_(std::move(settings)), from_(std::move(from)), clock_(clock) {}

Mailer::~Mailer() {
  end();
  thread_.stop();
}

base::Result<std::unique_ptr<Mailer>> Mailer::open(Settings settings, const base::Clock& clock) {
  const auto wrong = [](std::string detail) {
    return base::fail(base::Code::invalid_argument, std::move(detail));
  };
  Mailbox from;
  if (!settings.url.empty()) {
    const std::string_view url = settings.url;
    const auto scheme = url.substr(0, url.find("://"));
    const auto host = scheme.size() + 3 <= url.size() ? url.substr(scheme.size() + 3) : "";
    if ((scheme != "smtp" && scheme != "smtps") || host.empty() ||
        host.find_first_of("/@?# \t\r\n") != std::string_view::npos)
      return wrong("--smtp-url: must be smtp://HOST:PORT or smtps://HOST:PORT");
    auto parsed = parse_mailbox(settings.from);
    if (!parsed) return wrong("--smtp-from: " + parsed.error().detail);
    from = std::move(*parsed);
    if (settings.username.empty() != settings.password.empty())
      return wrong("--smtp-username and --smtp-password: one needs the other");
  }
  return std::unique_ptr<Mailer>(new Mailer(std::move(settings), std::move(from), clock));
}

runtime::TaskResult<bool> Mailer::send(Message message) {
  if (!is_set_up())
    co_return base::fail(base::Code::unavailable,
                         "there is no mail server: TELLTALE_SMTP_URL and TELLTALE_SMTP_FROM");
  if (auto fine = check(message); !fine) co_return std::unexpected(fine.error());
  co_return co_await thread_.run(
      [this, message = std::move(message)]() -> base::Result<bool> { return deliver(message); });
}

base::Result<bool> Mailer::deliver(const Message& message) const {
  auto loaded = load_curl();
  if (!loaded) return std::unexpected(loaded.error());
  const auto& curl = **loaded;
  const std::unique_ptr<CURL, void (*)(CURL*)> handle(curl.easy_init(), curl.easy_cleanup);
  if (!handle) return base::fail(base::Code::internal, "libcurl has no memory");
  const auto text = write(message, from_, clock_.wall());
  Upload upload{.left = text, .ending = &ending_};
  curl_slist* to = nullptr;
  for (const auto& address : message.to) to = curl.slist_append(to, ("<" + address + ">").c_str());
  const std::unique_ptr<curl_slist, void (*)(curl_slist*)> recipients(to, curl.slist_free_all);
  const auto set = [&](CURLoption option, auto value) {
    curl.easy_setopt(handle.get(), option, value);
  };
  const auto ms = [](std::chrono::milliseconds value) { return static_cast<long>(value.count()); };
  const std::string sender = "<" + from_.address + ">";
  const std::string password(settings_.password.reveal());
  set(CURLOPT_URL, settings_.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  set(CURLOPT_PROXY, "");
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_USE_SSL, settings_.plaintext ? long{CURLUSESSL_NONE} : long{CURLUSESSL_ALL});
  set(CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
  if (!settings_.ca_file.empty()) set(CURLOPT_CAINFO, settings_.ca_file.c_str());
  if (!settings_.username.empty()) {
    set(CURLOPT_USERNAME, settings_.username.c_str());
    set(CURLOPT_PASSWORD, password.c_str());
  }
  set(CURLOPT_MAIL_FROM, sender.c_str());
  set(CURLOPT_MAIL_RCPT, recipients.get());
  set(CURLOPT_UPLOAD, 1L);
  set(CURLOPT_READFUNCTION, &give);
  set(CURLOPT_READDATA, &upload);
  set(CURLOPT_HEADERFUNCTION, &take_reply);
  set(CURLOPT_HEADERDATA, &upload);
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_XFERINFOFUNCTION, &is_over);
  set(CURLOPT_XFERINFODATA, &upload);
  set(CURLOPT_CONNECTTIMEOUT_MS, ms(settings_.connect_limit));
  set(CURLOPT_SERVER_RESPONSE_TIMEOUT,
      std::max(1L, static_cast<long>(settings_.answer_limit.count() / 1000)));
  set(CURLOPT_TIMEOUT_MS, ms(settings_.limit));
  const auto code = curl.easy_perform(handle.get());
  if (code != CURLE_OK) return std::unexpected(explain(code, upload, curl.easy_strerror(code)));
  return true;
}

}  // namespace telltale::mail
