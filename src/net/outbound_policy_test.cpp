#include "net/outbound_policy.hpp"

#include <functional>
#include <map>

#include <gtest/gtest.h>

#include "net/dial.hpp"
#include "net/redirect.hpp"
#include "net/server_support.hpp"

namespace telltale::net {
namespace {

enum class Verdict {
  open,    // under the default
  inside,  // private or loopback: under the default, not from the internet
  never,   // an address that no setting opens
  no_url,  // not a URL of ours at all
};

struct Trick {
  std::string url;
  Verdict verdict;
};

// What the DNS would say. Names that are not here do not resolve.
const std::map<std::string, std::vector<std::string>>& names() {
  static const std::map<std::string, std::vector<std::string>> kNames{
      {"example.com", {"93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"}},
      {"localhost", {"127.0.0.1", "::1"}},
      {"localtest.me", {"127.0.0.1"}},
      {"169-254-169-254.nip.io", {"169.254.169.254"}},
      {"metadata.google.internal", {"169.254.169.254"}},
      {"mixed.example", {"93.184.216.34", "169.254.169.254"}},
      {"mixed6.example", {"93.184.216.34", "fe80::1"}},
      {"half-inside.example", {"93.184.216.34", "10.0.0.1"}},
      {"mapped.example", {"::ffff:169.254.169.254"}},
      {"nat64.example", {"64:ff9b::a9fe:a9fe"}},
      {"zero.example", {"0.0.0.0"}},
      {"intranet", {"10.1.2.3"}},
      {"my_service", {"172.18.0.3"}},
      {"xn--bcher-kva.example", {"93.184.216.34"}},
      {"abc.1x", {"93.184.216.34"}},
      {"0x.example", {"93.184.216.34"}},
  };
  return kNames;
}

runtime::TaskResult<std::vector<IpAddress>> resolve_from_table(std::string host) {
  const auto found = names().find(host);
  if (found == names().end()) co_return base::fail(base::Code::unavailable, "no such name");
  std::vector<IpAddress> out;
  out.reserve(found->second.size());
  for (const auto& text : found->second) out.push_back(boost::asio::ip::make_address(text));
  co_return out;
}

class OutboundPolicyTest : public ServerTest {
 protected:
  base::Result<std::vector<IpAddress>> reach(const std::string& text, OutboundPolicy policy) {
    const auto url = parse_url(text);
    if (!url) return std::unexpected(url.error());
    return run(checked_addresses(loop(),
                                 {.host = url->host,
                                  .port = url->port,
                                  .outbound = std::move(policy),
                                  .resolve = resolve_from_table},
                                 loop().clock().now() + 1s));
  }
};

const std::vector<Trick>& tricks() {
  using enum Verdict;
  static const std::vector<Trick> kTricks{
      // The ordinary
      {"http://example.com/", open},
      {"https://example.com:8443/mcp?x=1#y", open},
      {"HTTP://EXAMPLE.COM/", open},
      {"http://example.com./", open},
      {"http://93.184.216.34/", open},
      {"http://[2606:2800:220:1:248:1893:25c8:1946]/", open},
      {"http://xn--bcher-kva.example/", open},
      {"http://abc.1x/", open},
      {"http://0x.example/", open},
      {"http://8.8.8.8:3000/", open},
      // Home
      {"http://127.0.0.1:3001/mcp", inside},
      {"http://localhost/", inside},
      {"http://LOCALHOST/", inside},
      {"http://localhost./", inside},
      {"http://localtest.me/", inside},
      {"http://127.0.0.2/", inside},
      {"http://127.255.255.254/", inside},
      {"http://[::1]/", inside},
      {"http://[0:0:0:0:0:0:0:1]/", inside},
      {"http://[::ffff:127.0.0.1]/", inside},
      {"http://[::ffff:7f00:1]/", inside},
      {"http://[0:0:0:0:0:ffff:127.0.0.1]/", inside},
      {"http://10.0.0.1/", inside},
      {"http://10.255.255.255/", inside},
      {"http://172.16.0.1/", inside},
      {"http://172.31.255.255/", inside},
      {"http://172.32.0.1/", open},
      {"http://172.15.255.255/", open},
      {"http://192.168.1.1/", inside},
      {"http://192.169.1.1/", open},
      {"http://100.64.0.1/", inside},
      {"http://100.127.255.255/", inside},
      {"http://100.128.0.1/", open},
      {"http://198.18.0.1/", inside},
      {"http://[fd12:3456::1]/", inside},
      {"http://[fc00::1]/", inside},
      {"http://[::ffff:10.0.0.1]/", inside},
      {"http://intranet/", inside},
      {"http://my_service:8000/", inside},
      {"http://half-inside.example/", inside},
      // Never
      {"http://169.254.169.254/latest/meta-data/", never},
      {"http://169.254.169.254./", no_url},
      {"http://169.254.0.1/", never},
      {"http://169.254.170.2/v2/credentials", never},
      {"http://100.100.100.200/", never},
      {"http://168.63.129.16/", never},
      {"http://192.0.0.192/", never},
      {"http://192.0.0.1/", never},
      {"http://[fd00:ec2::254]/", never},
      {"http://[fd20:ce::254]/", never},
      {"http://[::ffff:169.254.169.254]/", never},
      {"http://[::ffff:a9fe:a9fe]/", never},
      {"http://[0:0:0:0:0:ffff:a9fe:a9fe]/", never},
      {"http://[64:ff9b::169.254.169.254]/", never},
      {"http://[64:ff9b::7f00:1]/", never},
      {"http://[64:ff9b::10.0.0.1]/", never},
      {"http://[64:ff9b::8.8.8.8]/", open},
      {"http://[64:ff9b:1::7f00:1]/", never},
      {"http://[::127.0.0.1]/", never},
      {"http://[::a9fe:a9fe]/", never},
      {"http://[::ffff:0:127.0.0.1]/", never},
      {"http://[2002:7f00:1::]/", never},
      {"http://[2002:a9fe:a9fe::1]/", never},
      {"http://[2001:0:a9fe:a9fe::]/", never},
      {"http://[2001:db8::1]/", never},
      {"http://[3fff::1]/", never},
      {"http://[100::1]/", never},
      {"http://[fe80::1]/", never},
      {"http://[febf::1]/", never},
      {"http://[fec0::1]/", never},
      {"http://[ff02::1]/", never},
      {"http://[::]/", never},
      {"http://0.0.0.0/", never},
      {"http://0.0.0.0:8000/", never},
      {"http://0.1.2.3/", never},
      {"http://224.0.0.1/", never},
      {"http://239.255.255.250/", never},
      {"http://240.0.0.1/", never},
      {"http://255.255.255.255/", never},
      {"http://192.0.2.1/", never},
      {"http://198.51.100.1/", never},
      {"http://203.0.113.1/", never},
      {"http://192.88.99.1/", never},
      {"http://169-254-169-254.nip.io/", never},
      {"http://metadata.google.internal/computeMetadata/v1/", never},
      {"http://METADATA.google.internal/", never},
      {"http://metadata.google.internal./", never},
      {"http://mixed.example/", never},
      {"http://mixed6.example/", never},
      {"http://mapped.example/", never},
      {"http://nat64.example/", never},
      {"http://zero.example/", never},
      // Ports of others
      {"http://127.0.0.1:6379/", never},
      {"http://example.com:25/", never},
      {"http://example.com:22/", never},
      {"http://127.0.0.1:11211/", never},
      {"http://127.0.0.1:5432/", never},
      {"http://127.0.0.1:2375/containers/json", never},
      {"https://example.com:0443/", open},
      {"http://example.com:0/", no_url},
      {"http://example.com:65536/", no_url},
      {"http://example.com:65616/", no_url},
      {"http://example.com:99999999999999999999/", no_url},
      {"http://example.com:-1/", no_url},
      {"http://example.com:/", open},
      // Numbers in disguise
      {"http://2130706433/", no_url},
      {"http://2852039166/", no_url},
      {"http://017700000001/", no_url},
      {"http://0x7f000001/", no_url},
      {"http://0xA9FEA9FE/", no_url},
      {"http://0x7f.0.0.1/", no_url},
      {"http://0x7f.1/", no_url},
      {"http://127.1/", no_url},
      {"http://127.0.1/", no_url},
      {"http://0177.0.0.1/", no_url},
      {"http://127.0.0.01/", no_url},
      {"http://127.0.0.0x1/", no_url},
      {"http://169.254.43518/", no_url},
      {"http://1.2.3.4.5/", no_url},
      {"http://256.256.256.256/", no_url},
      {"http://0/", no_url},
      {"http://0x/", no_url},
      {"http://example.0/", no_url},
      // Confused parsers
      {"http://127.0.0.1@example.com/", no_url},
      {"http://example.com@169.254.169.254/", no_url},
      {"http://user:pass@example.com/", no_url},
      {"http://example.com#@169.254.169.254/", open},
      {"http://169.254.169.254#@example.com/", never},
      {"http://169.254.169.254?@example.com/", never},
      {"http://example.com\\@169.254.169.254/", no_url},
      {"http://example.com:80\\@169.254.169.254/", no_url},
      {"http:\\\\169.254.169.254\\", no_url},
      {"http:/169.254.169.254/", no_url},
      {"http:169.254.169.254", no_url},
      {"http:///169.254.169.254/", no_url},
      {"//169.254.169.254/", no_url},
      {" http://169.254.169.254/", no_url},
      {"http://169.254.169.254 /", no_url},
      {"http://example.com\r\nHost: x/", no_url},
      {"http://example.com\t/", no_url},
      {"http://example.com/\r\nX: y", no_url},
      {std::string("http://example.com\0.evil/", 25), no_url},
      {"http://%31%36%39.254.169.254/", no_url},
      {"http://%6c%6f%63alhost/", no_url},
      {"http://127.0.0.1%00.example.com/", no_url},
      {"http://①②⑦.⓪.⓪.①/", no_url},
      {"http://１６９.254.169.254/", no_url},
      {"http://127。0。0。1/", no_url},
      {"http://bücher.example/", no_url},
      {"http://[fe80::1%25eth0]/", no_url},
      {"http://[fe80::1%eth0]/", no_url},
      {"http://[::1%25lo]/", no_url},
      {"http://[v1.fe80]/", no_url},
      {"http://[169.254.169.254]/", no_url},
      {"http://[::1/", no_url},
      {"http://[::1]x/", no_url},
      {"http://::1/", no_url},
      {"http://a..b/", no_url},
      {"http://./", no_url},
      {"http://exa mple.com/", no_url},
      {"http://" + std::string(300, 'a') + ".example/", no_url},
      {"http://" + std::string(64, 'a') + ".example/", no_url},
      {"http://exam$ple/", no_url},
      {"http://*/", no_url},
      // Other schemes
      {"ftp://example.com/", no_url},
      {"file:///etc/passwd", no_url},
      {"gopher://127.0.0.1:6379/_INFO", no_url},
      {"dict://127.0.0.1:11211/stats", no_url},
      {"jar:http://example.com!/", no_url},
      {"data:text/plain,x", no_url},
      {"javascript:alert(1)", no_url},
      {"unix:///var/run/docker.sock", no_url},
      {"", no_url},
  };
  return kTricks;
}

TEST_F(OutboundPolicyTest, UrlTricks) {
  using enum Verdict;
  EXPECT_GE(tricks().size(), 120U);
  for (const auto& trick : tricks()) {
    SCOPED_TRACE(trick.url);
    const bool usual = reach(trick.url, OutboundPolicy()).has_value();
    const auto outside = reach(trick.url, OutboundPolicy::internet_only());
    EXPECT_EQ(usual, trick.verdict == open || trick.verdict == inside);
    EXPECT_EQ(outside.has_value(), trick.verdict == open);
    const auto all = OutboundPolicy::parse(
        std::vector<std::string>{"internet", "private", "loopback", "0.0.0.0/0", "::/0"});
    EXPECT_EQ(reach(trick.url, *all).has_value(), usual) << "what is never allowed was opened";
    if (trick.verdict == open || outside) continue;
    if (trick.verdict == no_url) {
      EXPECT_EQ(outside.error().code, base::Code::invalid_argument);
    } else {
      EXPECT_EQ(outside.error().code, base::Code::permission_denied);
    }
  }
}

TEST_F(OutboundPolicyTest, WordsOfTheSetting) {
  const auto words = [](std::vector<std::string> list) { return OutboundPolicy::parse(list); };
  EXPECT_FALSE(words({"intranet"}).has_value());
  EXPECT_FALSE(words({"10.0.0.0/33"}).has_value());
  EXPECT_FALSE(words({"10.0.0.0/"}).has_value());
  EXPECT_FALSE(words({"10.0.0.0/8x"}).has_value());
  const auto office = words({"10.20.0.0/16", "2606:2800::/32"});
  ASSERT_TRUE(office.has_value());
  EXPECT_TRUE(reach("http://10.20.255.1/", *office).has_value());
  EXPECT_FALSE(reach("http://10.21.0.1/", *office).has_value());
  EXPECT_FALSE(reach("http://127.0.0.1/", *office).has_value());
  EXPECT_TRUE(reach("http://[2606:2800::1]/", *office).has_value());
  EXPECT_FALSE(reach("http://example.com/", *office).has_value()) << "its v4 address is not named";
  EXPECT_FALSE(reach("http://example.com/", *words({"none"})).has_value());
}

// A server of the internet that names its metadata's address must not lead us inside.
TEST_F(OutboundPolicyTest, WhatAPeerNamesIsNoFurtherInThanThePeer) {
  const auto named_by = [](const char* peer) {
    return OutboundPolicy::parse(
               std::vector<std::string>{"internet", "private", "loopback", "10.0.0.0/8"})
        ->named_by(boost::asio::ip::make_address(peer));
  };
  const std::string far = "http://93.184.216.34/", near = "http://10.0.0.1/",
                    here = "http://127.0.0.1/";
  EXPECT_TRUE(reach(far, named_by("93.184.216.34")).has_value());
  EXPECT_FALSE(reach(near, named_by("93.184.216.34")).has_value());
  EXPECT_FALSE(reach(here, named_by("93.184.216.34")).has_value());
  EXPECT_TRUE(reach(near, named_by("192.168.0.1")).has_value());
  EXPECT_FALSE(reach(here, named_by("192.168.0.1")).has_value());
  EXPECT_TRUE(reach(here, named_by("::1")).has_value());
  EXPECT_FALSE(reach("http://169.254.169.254/", named_by("127.0.0.1")).has_value());
}

// The name says another address each time it is asked: what was checked is what is connected to,
// and each new connection is checked anew.
TEST_F(OutboundPolicyTest, ANameThatChangesItsMindGainsNothing) {
  std::atomic<int> served{0}, asked{0};
  serve(std::bind_front(
      [](std::atomic<int>* count, Request) -> runtime::Task<Response> {
        ++*count;
        Response out{.body = "inside"};
        out.headers.set("connection", "close");
        co_return out;
      },
      &served));
  HttpClientSettings settings;
  settings.resolve = std::bind_front(
      [](std::atomic<int>* count, std::string) -> runtime::TaskResult<std::vector<IpAddress>> {
        const auto* const text = (*count)++ == 0 ? "127.0.0.1" : "169.254.169.254";
        co_return std::vector<IpAddress>{boost::asio::ip::make_address(text)};
      },
      &asked);
  const auto where = "http://rebind.example:" + std::to_string(port()) + "/";
  const auto answers =
      run([](runtime::Loop* home, HttpClientSettings with,
             std::string target) -> runtime::Task<std::vector<base::Result<ClientResponse>>> {
        HttpClient client(*home, std::move(with));
        std::vector<base::Result<ClientResponse>> out;
        out.push_back(co_await client.request({.url = target}));
        out.push_back(co_await client.request({.url = target}));
        co_return out;
      }(&loop(), settings, where));
  ASSERT_TRUE(answers[0].has_value()) << answers[0].error().detail;
  EXPECT_EQ(answers[0]->body, "inside");
  EXPECT_EQ(answers[0]->peer, boost::asio::ip::make_address("127.0.0.1"));
  EXPECT_EQ(asked, 2) << "one question for each connection, none in between";
  EXPECT_EQ(served, 1);
  EXPECT_EQ(answers[1].error().code, base::Code::permission_denied);
}

struct Hop {
  std::string to;
  int status = 302;
  std::string method = "GET", body;
  bool followed = true;
  bool credentials = true;
  std::string next_method = "GET";
};

TEST(Redirect, WhatTheNextHopCarries) {
  for (const auto& hop : std::vector<Hop>{{"/other"},
                                          {"http://one.example/other"},
                                          {"http://one.example:80/"},
                                          {"http://one.example:81/", 302, "GET", "", true, false},
                                          {"http://two.example/", 302, "GET", "", true, false},
                                          {"//two.example/", 307, "GET", "", true, false},
                                          {"https://one.example/", 302, "GET", "", false},
                                          {"ftp://one.example/", 302, "GET", "", false},
                                          {"http://user@one.example/", 302, "GET", "", false},
                                          {"http://2130706433/", 302, "GET", "", false},
                                          {"javascript:alert(1)", 302, "GET", "", false},
                                          {"/x", 307, "POST", "b", true, true, "POST"},
                                          {"/x", 308, "POST", "b", true, true, "POST"},
                                          {"/x", 303, "POST", "b"},
                                          {"/x", 301, "POST", "b"},
                                          {"http://two.example/", 307, "POST", "b", false},
                                          {"http://two.example/", 303, "POST", "b", true, false}}) {
    SCOPED_TRACE(hop.to + " " + std::to_string(hop.status) + " " + hop.method);
    ClientRequest request{.method = hop.method, .url = "http://one.example/a", .body = hop.body};
    for (const auto* const name : {"Authorization", "Cookie", "X-API-Key", "Mcp-Session-Id",
                                   "Proxy-Authorization", "DPoP", "X-Custom"})
      request.headers.set(name, "secret");
    request.headers.set("Accept", "application/json");
    Headers answer;
    answer.set("location", hop.to);
    const auto next = next_hop(request, hop.status, answer);
    ASSERT_EQ(next.has_value() && next->has_value(), hop.followed);
    if (!hop.followed) continue;
    EXPECT_EQ((*next)->method, hop.next_method);
    EXPECT_EQ((*next)->body, hop.next_method == "POST" ? hop.body : "");
    EXPECT_TRUE((*next)->headers.contains("accept"));
    EXPECT_EQ((*next)->headers.size(), hop.credentials ? 8U : 1U);
  }
  Headers none;
  EXPECT_FALSE(next_hop({.url = "http://a/"}, 302, none)->has_value());
  none.set("location", "/x");
  for (const int status : {200, 204, 300, 304, 404, 500})
    EXPECT_FALSE(next_hop({.url = "http://a/"}, status, none)->has_value()) << status;
}

TEST_F(OutboundPolicyTest, RedirectsAreBoundedAndChecked) {
  serve([](Request request) -> runtime::Task<Response> {
    Response out{.status = 302};
    if (request.path == "/done") co_return Response{.body = "done " + request.method};
    if (request.path == "/metadata")
      out.headers.set("location", "http://169.254.169.254/latest");
    else if (request.path == "/loop")
      out.headers.set("location", "/loop");
    else if (request.path == "/2")  // a whole URL
      out.headers.set("location",
                      "http://" + std::string(request.headers.get_or("host", "")) + "/1");
    else
      out.headers.set("location", request.path == "/3" ? "/2" : "/done");
    co_return out;
  });
  const auto fetch = [&](std::string path, int redirects) {
    return run(
        [](runtime::Loop* home, ClientRequest request) -> runtime::TaskResult<ClientResponse> {
          HttpClient client(*home, {});
          co_return co_await client.request(std::move(request));
        }(&loop(), {.url = url(path), .redirects = redirects}));
  };
  EXPECT_EQ(fetch("/3", 0)->status, 302);
  EXPECT_EQ(fetch("/3", 3)->body, "done GET");
  EXPECT_EQ(fetch("/3", 2)->status, 302);
  const auto before = server_->stats().requests_total;
  EXPECT_EQ(fetch("/loop", 1000)->status, 302);
  EXPECT_EQ(server_->stats().requests_total - before, 4U) << "three redirects, whatever is asked";
  EXPECT_EQ(fetch("/metadata", 3).error().code, base::Code::permission_denied);
}

// The Host header is ours: a definition that names another host does not reach it.
TEST_F(OutboundPolicyTest, TheHostHeaderIsTheHostConnectedTo) {
  serve([](Request request) -> runtime::Task<Response> {
    co_return Response{.body = std::string(request.headers.get_or("host", ""))};
  });
  ClientRequest request{.url = url("/")};
  request.headers.set("Host", "admin.internal");
  const auto answer =
      run([](runtime::Loop* home, ClientRequest one) -> runtime::TaskResult<ClientResponse> {
        HttpClient client(*home, {});
        co_return co_await client.request(std::move(one));
      }(&loop(), std::move(request)));
  ASSERT_TRUE(answer.has_value()) << answer.error().detail;
  EXPECT_EQ(answer->body, "127.0.0.1:" + std::to_string(port()));
}

}  // namespace
}  // namespace telltale::net
