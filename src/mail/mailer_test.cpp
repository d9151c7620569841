// Against servers that refuse, hang, break off, talk nonsense or never stop talking. Real ones
// (aiosmtpd with TLS and a login) are in tests/binary/mail.test.mjs.
#include "mail/mailer.hpp"

#include <functional>
#include <thread>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/run.hpp"
#include "runtime/runtime.hpp"
#include "runtime/sync.hpp"

namespace telltale::mail {
namespace {

using namespace std::chrono_literals;

// A server of one conversation: `talk` has the socket, which is closed after it.
class Server {
 public:
  explicit Server(std::function<void(int)> talk) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(listener_, generic, size), 0);
    EXPECT_EQ(::listen(listener_, 4), 0);
    EXPECT_EQ(::getsockname(listener_, generic, &size), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this, talk = std::move(talk)] {
      const int client = ::accept(listener_, nullptr, nullptr);
      if (client < 0) return;
      talk(client);
      ::close(client);
    });
  }
  ~Server() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  std::string url() const { return "smtp://127.0.0.1:" + std::to_string(port_); }

 private:
  int listener_ = -1;
  int port_ = 0;
  std::jthread thread_;
};

bool say(int socket, std::string_view text) {
  return ::send(socket, text.data(), text.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(text.size());
}
// What the client says next; "" when it has gone.
std::string hear(int socket) {
  std::string out;
  char c = 0;
  while (::recv(socket, &c, 1, 0) == 1) {
    out += c;
    if (c == '\n') break;
  }
  return out;
}
// Answers each command with what `answers` gives for its first word.
std::function<void(int)> by_script(std::function<std::string(std::string_view)> answers) {
  return [answers = std::move(answers)](int socket) {
    if (!say(socket, answers("hello"))) return;
    for (auto line = hear(socket); !line.empty(); line = hear(socket)) {
      const auto answer = answers(line.substr(0, 4));
      if (answer.empty() || !say(socket, answer)) return;
      if (line.starts_with("DATA"))
        while (!line.empty() && line != ".\r\n") line = hear(socket);
      else
        continue;
      if (const auto last = answers("."); last.empty() || !say(socket, last)) return;
    }
  };
}
std::string polite(std::string_view word) {
  if (word == "hello") return "220 hello\r\n";
  if (word == "DATA") return "354 go on\r\n";
  if (word == "QUIT") return "221 bye\r\n";
  return "250 fine\r\n";
}

class MailerTest : public testing::Test {
 protected:
  MailerTest() : runtime(1) { runtime.start(); }
  ~MailerTest() override { runtime.stop(); }
  base::Result<bool> send(const std::string& url, bool plaintext = true) {
    auto mailer = Mailer::open({.url = url,
                                .from = "t@example.org",
                                .plaintext = plaintext,
                                .answer_limit = 1s,
                                .limit = 1500ms},
                               runtime.clock());
    EXPECT_TRUE(mailer);
    runtime::TaskGroup none(runtime.loop(0), "none");
    return *runtime::run_to_completion(
        runtime.loop(0), none, "test",
        (*mailer)->send({.to = {"ada@example.org"}, .subject = "s", .text = "t"}));
  }
  base::Error refusal(const Server& server, bool plaintext = true) {
    auto sent = send(server.url(), plaintext);
    EXPECT_FALSE(sent);
    return sent ? base::Error{} : sent.error();
  }
  runtime::Runtime runtime;
};

TEST_F(MailerTest, APoliteServerTakesIt) {
  const Server server(by_script(polite));
  const auto sent = send(server.url());
  EXPECT_TRUE(sent) << sent.error().detail;
}

TEST_F(MailerTest, RefusalsAreToldInTheServersWords) {
  const Server no_recipient(by_script([](std::string_view word) {
    return word == "RCPT" ? std::string("550 no such user\r\n") : polite(word);
  }));
  const auto first = refusal(no_recipient);
  EXPECT_EQ(first.code, base::Code::remote);
  EXPECT_NE(first.detail.find("550 no such user"), std::string::npos) << first.detail;
  const Server no_letter(by_script([](std::string_view word) {
    return word == "." ? std::string("554 smells of spam\r\n") : polite(word);
  }));
  const auto second = refusal(no_letter);
  EXPECT_NE(second.detail.find("554 smells of spam"), std::string::npos) << second.detail;
}

TEST_F(MailerTest, NothingIsSentUnprotectedUnlessAskedFor) {
  bool told = false;
  {
    const Server server(by_script([&](std::string_view word) {
      if (word == "MAIL" || word == "DATA" || word == "AUTH") told = true;
      return polite(word);
    }));
    EXPECT_EQ(refusal(server, false).code, base::Code::remote);
  }
  EXPECT_FALSE(told);
}

TEST_F(MailerTest, WhoHangsIsGivenUp) {
  for (const auto* const at : {"hello", "EHLO", "MAIL", "DATA", "."}) {
    const Server server([at](int socket) {
      by_script([&](std::string_view word) { return word == at ? std::string() : polite(word); })(
          socket);
      while (!hear(socket).empty()) {
      }  // silent, until the client goes
    });
    EXPECT_EQ(refusal(server).code, base::Code::deadline_exceeded) << at;
  }
}

TEST_F(MailerTest, WhoBreaksOffOrTalksNonsenseIsAnError) {
  for (const auto* const at : {"hello", "MAIL", "DATA", "."}) {
    const Server server(
        by_script([at](std::string_view word) { return word == at ? "" : polite(word); }));
    EXPECT_NE(refusal(server).detail, "") << at;
  }
  const Server http(by_script([](std::string_view) { return "HTTP/1.1 400 Bad Request\r\n\r\n"; }));
  EXPECT_NE(refusal(http).detail, "");
  EXPECT_EQ(send("smtp://127.0.0.1:1").error().code, base::Code::unavailable);
}

TEST_F(MailerTest, WhoNeverStopsTalkingIsGivenUp) {
  for (const auto* const words : {"220-and on\r\n", "220 an endless line ", "\xff\x00\x1b[2J"}) {
    const Server server([words](int socket) {
      while (say(socket, words)) {
      }
    });
    EXPECT_FALSE(send(server.url())) << words;
  }
}

TEST_F(MailerTest, ItsEndBreaksOffTheLetterOnItsWay) {
  runtime::OneShot<bool> connected(runtime.loop(0));
  const Server server([&](int socket) {
    runtime.loop(0).post([&] { connected.set(true); });
    while (!hear(socket).empty()) {
    }
  });
  auto mailer = *Mailer::open({.url = server.url(), .from = "t@example.org", .plaintext = true},
                              runtime.clock());
  runtime::TaskGroup group(runtime.loop(0), "test");
  runtime::OneShot<bool> sent(runtime.loop(0));
  runtime.loop(0).post([&] {
    group.spawn("send", [](Mailer* one, runtime::OneShot<bool> done) -> runtime::Task<> {
      const auto result =
          co_await one->send({.to = {"ada@example.org"}, .subject = "s", .text = "t"});
      done.set(result.has_value());
    }(mailer.get(), sent));
  });
  EXPECT_TRUE(*runtime::run_to_completion(runtime.loop(0), group, "wait", connected.wait()));
  mailer.reset();  // does not wait for the limit of two minutes
  EXPECT_FALSE(*runtime::run_to_completion(runtime.loop(0), group, "wait", sent.wait()));
  runtime::run_to_completion(runtime.loop(0), group, "stop",
                             [](runtime::TaskGroup* all) -> runtime::Task<bool> {
                               co_await all->stop();
                               co_return true;
                             }(&group));
}

TEST_F(MailerTest, SettingsAreChecked) {
  const auto wrong = [&](Settings settings, std::string_view names) {
    const auto opened = Mailer::open(std::move(settings), runtime.clock());
    ASSERT_FALSE(opened) << names;
    EXPECT_NE(opened.error().detail.find(names), std::string::npos) << opened.error().detail;
  };
  wrong({.url = "http://mail"}, "--smtp-url");
  wrong({.url = "smtp://user:secret@mail"}, "--smtp-url");
  wrong({.url = "smtp://"}, "--smtp-url");
  wrong({.url = "smtp://mail", .from = ""}, "--smtp-from");
  wrong({.url = "smtp://mail", .from = "a@b.c", .username = "ada"}, "--smtp-password");
  EXPECT_TRUE(Mailer::open({}, runtime.clock()));
  EXPECT_FALSE(send(""));
}

}  // namespace
}  // namespace telltale::mail
