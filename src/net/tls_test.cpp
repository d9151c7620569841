#include "net/tls.hpp"

#include <filesystem>
#include <functional>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "net/http_client.hpp"
#include "net/server_support.hpp"

namespace telltale::net {
namespace {

// A self-signed certificate for `names` ("DNS:localhost,IP:127.0.0.1"), in files of its own.
struct Certificate {
  std::filesystem::path folder;
  std::string certificate_file() const { return folder / "certificate.pem"; }
  std::string key_file() const { return folder / "key.pem"; }

  explicit Certificate(const std::string& names, int valid_seconds = 3600) {
    std::string pattern = std::filesystem::temp_directory_path() / "telltale-tls-XXXXXX";
    folder = ::mkdtemp(pattern.data());
    auto* const key = ::EVP_EC_gen("P-256");
    auto* const certificate = ::X509_new();
    ::X509_set_version(certificate, 2);
    ::ASN1_INTEGER_set(::X509_get_serialNumber(certificate), 1);
    ::X509_gmtime_adj(::X509_getm_notBefore(certificate), -7200);
    ::X509_gmtime_adj(::X509_getm_notAfter(certificate), valid_seconds);
    ::X509_set_pubkey(certificate, key);
    auto* const name = ::X509_get_subject_name(certificate);
    const unsigned char common[] = "telltale test";
    ::X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common, -1, -1, 0);
    ::X509_set_issuer_name(certificate, name);
    auto* const extension =
        ::X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str());
    ::X509_add_ext(certificate, extension, -1);
    ::X509_EXTENSION_free(extension);
    ::X509_sign(certificate, key, ::EVP_sha256());
    auto* file = std::fopen(certificate_file().c_str(), "w");
    ::PEM_write_X509(file, certificate);
    std::fclose(file);
    file = std::fopen(key_file().c_str(), "w");
    ::PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
    ::X509_free(certificate);
    ::EVP_PKEY_free(key);
  }
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;
  ~Certificate() { std::filesystem::remove_all(folder); }
};

runtime::Task<> echo_socket(std::shared_ptr<WebSocket> socket) {
  while (auto message = co_await socket->read())
    co_await socket->write({std::make_shared<const std::string>(std::move(*message))});
}

runtime::Task<Response> answer(Request request) {
  if (request.path == "/ws") co_return Response{.websocket = echo_socket};
  co_return Response{.body = (request.secure ? "secure " : "plain ") + request.body};
}

class TlsTest : public ServerTest {
 protected:
  void serve_tls(const Certificate& certificate) {
    HttpServerSettings settings;
    settings.tls = TlsSettings{certificate.certificate_file(), certificate.key_file()};
    serve(answer, settings);
  }
  base::Result<ClientResponse> fetch(HttpClientSettings settings, const std::string& host,
                                     std::string body = {}) {
    return run([](runtime::Loop* home, HttpClientSettings with, std::string where,
                  std::string what) -> runtime::TaskResult<ClientResponse> {
      HttpClient client(*home, with);
      auto first = co_await client.request({.method = "POST", .url = where, .body = what});
      if (!first) co_return first;
      co_return co_await client.request(
          {.method = "POST", .url = where, .body = what});  // over the same connection
    }(&loop(), std::move(settings), "https://" + host + ":" + std::to_string(port()) + "/",
                                    std::move(body)));
  }
};

TEST_F(TlsTest, VerifiedByNameAndByAddress) {
  const Certificate certificate("DNS:localhost,IP:127.0.0.1");
  serve_tls(certificate);
  for (const auto* const host : {"localhost", "127.0.0.1"}) {
    const auto got =
        fetch({.ca_file = certificate.certificate_file()}, host, std::string(1U << 20U, 'x'));
    ASSERT_TRUE(got.has_value()) << got.error().detail;
    EXPECT_EQ(got->body.size(), 7 + (1U << 20U));
    EXPECT_TRUE(got->body.starts_with("secure x"));
  }
  EXPECT_EQ(server_->stats().connections_total, 2U);
}

TEST_F(TlsTest, WhatIsNotTrustedIsRefused) {
  const Certificate certificate("DNS:localhost");
  serve_tls(certificate);
  const auto unknown = fetch({}, "localhost");
  EXPECT_NE(unknown.error().detail.find("self-signed"), std::string::npos)
      << unknown.error().detail;
  const auto other_name = fetch({.ca_file = certificate.certificate_file()}, "127.0.0.1");
  EXPECT_NE(other_name.error().detail.find("mismatch"), std::string::npos)
      << other_name.error().detail;
  EXPECT_TRUE(fetch({.verify_peer = false}, "127.0.0.1").has_value());
  EXPECT_EQ(fetch({.ca_file = "/no/such/file"}, "localhost").error().code,
            base::Code::invalid_argument);
  stop_server();
  const Certificate expired("DNS:localhost", -3600);
  serve_tls(expired);
  const auto late = fetch({.ca_file = expired.certificate_file()}, "localhost");
  EXPECT_NE(late.error().detail.find("expired"), std::string::npos) << late.error().detail;
}

TEST_F(TlsTest, PlainTextAndSilenceOnATlsPort) {
  const Certificate certificate("DNS:localhost");
  HttpServerSettings settings{.header_timeout = 50ms};
  settings.tls = TlsSettings{certificate.certificate_file(), certificate.key_file()};
  serve(answer, settings);
  RawSocket plain(port());
  plain.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(plain.read_to_end().find("HTTP/1.1 200"), std::string::npos);
  RawSocket silent(port());
  EXPECT_EQ(silent.read_to_end(), "");
  settings.tls->key_file = "/no/such/key";
  EXPECT_FALSE(HttpServer::open(settings, {&loop()}, answer).has_value());
}

// A client that speaks nothing newer than `version`; what the handshake came to.
bool connects_with(std::uint16_t port, int version) {
  const RawSocket tcp(port);
  auto* const context = ::SSL_CTX_new(::TLS_client_method());
  ::SSL_CTX_set_security_level(context, 0);  // what 1.0 and 1.1 need is below OpenSSL's level 1
  ::SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
  ::SSL_CTX_set_max_proto_version(context, version);
  auto* const ssl = ::SSL_new(context);
  ::SSL_set_fd(ssl, tcp.fd());
  const bool done = ::SSL_connect(ssl) == 1;
  ::SSL_free(ssl);
  ::SSL_CTX_free(context);
  return done;
}

TEST_F(TlsTest, NothingOlderThanTls12) {
  const Certificate certificate("DNS:localhost");
  serve_tls(certificate);
  EXPECT_FALSE(connects_with(port(), TLS1_VERSION));
  EXPECT_FALSE(connects_with(port(), TLS1_1_VERSION));
  EXPECT_TRUE(connects_with(port(), TLS1_2_VERSION));
  EXPECT_TRUE(connects_with(port(), TLS1_3_VERSION));
}

void replace(const Certificate& with, const Certificate& at) {
  const auto how = std::filesystem::copy_options::overwrite_existing;
  std::filesystem::copy_file(with.certificate_file(), at.certificate_file(), how);
  std::filesystem::copy_file(with.key_file(), at.key_file(), how);
}

// C7: the certificate is swapped while a request is being answered, a connection is idle and a
// WebSocket is open; all three go on, and who comes now meets the new one.
TEST_F(TlsTest, ANewCertificateDropsNobody) {
  const Certificate certificate("IP:127.0.0.1");
  const Certificate next("IP:127.0.0.1", 7200);
  const auto old_ca = certificate.folder / "old.pem";
  std::filesystem::copy_file(certificate.certificate_file(), old_ca);
  std::atomic<bool> arrived{false}, release{false};
  HttpServerSettings settings;
  settings.tls = TlsSettings{certificate.certificate_file(), certificate.key_file()};
  serve(std::bind_front(
            [](std::atomic<bool>* here, std::atomic<bool>* go_on,
               Request request) -> runtime::Task<Response> {
              if (request.path == "/ws") co_return Response{.websocket = echo_socket};
              if (request.path == "/slow") {
                *here = true;
                while (!*go_on) co_await runtime::sleep_for(1ms);
              }
              co_return Response{.body = "ok"};
            },
            &arrived, &release),
        settings);
  const auto https = "https://127.0.0.1:" + std::to_string(port());
  std::unique_ptr<HttpClient> client;
  on_loop([&] {
    client = std::make_unique<HttpClient>(loop(), HttpClientSettings{.ca_file = old_ca});
  });
  EXPECT_EQ(run(client->request({.url = https + "/"}))->body, "ok");
  auto socket = run(connect_websocket(
      {.url = "wss://127.0.0.1:" + std::to_string(port()) + "/ws", .ca_file = old_ca}, {}));
  ASSERT_TRUE(socket.has_value());
  base::Result<ClientResponse> slow = base::fail(base::Code::internal, "");
  std::jthread asking([&] { slow = run(client->request({.url = https + "/slow"})); });
  while (!arrived) run(runtime::sleep_for(1ms));

  const auto before = server_->certificate()->not_after;
  replace(next, certificate);
  ASSERT_TRUE(server_->reload_tls().has_value());
  EXPECT_EQ(server_->certificate()->not_after - before, 3600s);

  release = true;
  asking.join();
  ASSERT_TRUE(slow.has_value()) << slow.error().detail;
  EXPECT_EQ(slow->body, "ok");
  const auto connections = server_->stats().connections_total;
  EXPECT_EQ(run(client->request({.url = https + "/"}))->body, "ok") << "on its old connection";
  EXPECT_EQ(server_->stats().connections_total, connections);
  EXPECT_TRUE(run((*socket)->write({std::make_shared<const std::string>("still here")})));
  EXPECT_EQ(run((*socket)->read()).value(), "still here");
  run((*socket)->close(1000, ""));
  on_loop([&] {
    socket->reset();
    client.reset();
  });
  EXPECT_FALSE(fetch({.ca_file = old_ca}, "127.0.0.1").has_value()) << "the new one, not the old";
  EXPECT_TRUE(fetch({.ca_file = next.certificate_file()}, "127.0.0.1").has_value());
}

TEST_F(TlsTest, AHalfWrittenCertificateIsNotTaken) {
  const Certificate certificate("IP:127.0.0.1");
  const Certificate other("IP:127.0.0.1");
  const auto good = certificate.folder / "good.pem";
  std::filesystem::copy_file(certificate.certificate_file(), good);
  serve_tls(certificate);
  const auto still_good = [&] {
    return !server_->reload_tls().has_value() && fetch({.ca_file = good}, "127.0.0.1").has_value();
  };
  const auto how = std::filesystem::copy_options::overwrite_existing;
  std::filesystem::copy_file(other.key_file(), certificate.key_file(), how);
  EXPECT_TRUE(still_good()) << "a key of another certificate";
  std::filesystem::copy_file(other.certificate_file(), certificate.certificate_file(), how);
  std::filesystem::resize_file(certificate.certificate_file(), 100);
  EXPECT_TRUE(still_good()) << "half a certificate";
  std::filesystem::remove(certificate.key_file());
  EXPECT_TRUE(still_good()) << "no key";
}

TEST_F(TlsTest, WebSocketOverTls) {
  const Certificate certificate("IP:127.0.0.1");
  serve_tls(certificate);
  const auto echoed = run([](std::string where, std::string ca) -> runtime::Task<std::string> {
    auto socket = co_await connect_websocket({.url = where, .ca_file = ca}, {});
    if (!socket) co_return socket.error().detail;
    co_await (*socket)->write({std::make_shared<const std::string>(300'000, 'x')});
    auto message = co_await (*socket)->read();
    co_await (*socket)->close(1000, "");
    co_return message ? std::to_string(message->size()) : message.error().detail;
  }("wss://127.0.0.1:" + std::to_string(port()) + "/ws", certificate.certificate_file()));
  EXPECT_EQ(echoed, "300000");
}

}  // namespace
}  // namespace telltale::net
