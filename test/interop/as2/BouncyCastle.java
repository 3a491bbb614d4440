// CMS operations of BouncyCastle over HTTP: POST the bytes to /sign, /verify, /encrypt, /decrypt, /compress or /expand.
// Arguments: key (PKCS #8, DER), own certificate, certificate of the other side. Prints the port it listens on.
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Security;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cms.*;
import org.bouncycastle.cms.jcajce.*;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.OutputAEADEncryptor;
import org.bouncycastle.operator.jcajce.*;

public class BouncyCastle {
  static PrivateKey key;
  static X509Certificate own;
  static X509Certificate other;

  interface Work {
    byte[] on(byte[] bytes, Map<String, String> query) throws Exception;
  }

  public static void main(String[] args) throws Exception {
    Security.addProvider(new BouncyCastleProvider());
    byte[] pkcs8 = Files.readAllBytes(Path.of(args[0]));
    key = KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
    own = certificate(args[1]);
    other = certificate(args[2]);
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    serve(server, "/sign", BouncyCastle::sign);
    serve(server, "/verify", BouncyCastle::verify);
    serve(server, "/encrypt", BouncyCastle::encrypt);
    serve(server, "/decrypt", BouncyCastle::decrypt);
    serve(server, "/compress", (bytes, query) ->
        new CMSCompressedDataGenerator()
            .generate(new CMSProcessableByteArray(bytes), new ZlibCompressor())
            .getEncoded());
    serve(server, "/expand", (bytes, query) ->
        new CMSCompressedData(bytes).getContent(new ZlibExpanderProvider()));
    server.start();
    System.out.println("port " + server.getAddress().getPort());
  }

  static X509Certificate certificate(String path) throws Exception {
    try (InputStream in = Files.newInputStream(Path.of(path))) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
  }

  static void serve(HttpServer server, String path, Work work) {
    server.createContext(path, exchange -> {
      byte[] answer;
      int status = 200;
      try {
        Map<String, String> query = new HashMap<>();
        String text = exchange.getRequestURI().getQuery();
        if (text != null)
          for (String pair : text.split("&")) query.put(pair.split("=")[0], pair.split("=")[1]);
        String signature = exchange.getRequestHeaders().getFirst("X-Signature");
        if (signature != null) query.put("signature", signature);
        answer = work.on(exchange.getRequestBody().readAllBytes(), query);
      } catch (Exception error) {
        status = 500;
        answer = error.toString().getBytes();
      }
      exchange.sendResponseHeaders(status, answer.length == 0 ? -1 : answer.length);
      exchange.getResponseBody().write(answer);
      exchange.close();
    });
  }

  static byte[] sign(byte[] bytes, Map<String, String> query) throws Exception {
    String scheme = query.get("scheme").equals("pss") ? "withRSAandMGF1" : "withRSA";
    var signer = new JcaContentSignerBuilder(query.get("digest").toUpperCase() + scheme)
        .setProvider("BC").build(key);
    var digests = new JcaDigestCalculatorProviderBuilder().setProvider("BC").build();
    var generator = new CMSSignedDataGenerator();
    generator.addSignerInfoGenerator(new JcaSignerInfoGeneratorBuilder(digests).build(signer, own));
    generator.addCertificates(new JcaCertStore(List.of(own)));
    return generator.generate(new CMSProcessableByteArray(bytes), false).getEncoded();
  }

  static byte[] verify(byte[] bytes, Map<String, String> query) throws Exception {
    byte[] signature = Base64.getDecoder().decode(query.get("signature"));
    var signed = new CMSSignedData(new CMSProcessableByteArray(bytes), signature);
    var verifier = new JcaSimpleSignerInfoVerifierBuilder().setProvider("BC").build(other);
    for (SignerInformation signer : signed.getSignerInfos())
      if (!signer.verify(verifier)) throw new CMSException("signature is wrong");
    return new byte[0];
  }

  static byte[] encrypt(byte[] bytes, Map<String, String> query) throws Exception {
    String transport = query.get("transport");
    JceKeyTransRecipientInfoGenerator recipient;
    if (transport.equals("rsa")) recipient = new JceKeyTransRecipientInfoGenerator(other);
    else {
      String digest = transport.equals("oaep-sha1") ? "SHA-1" : "SHA-256";
      var parameters = new OAEPParameterSpec(
          digest, "MGF1", new MGF1ParameterSpec(digest), PSource.PSpecified.DEFAULT);
      recipient = new JceKeyTransRecipientInfoGenerator(other, new JcaAlgorithmParametersConverter()
          .getAlgorithmIdentifier(PKCSObjectIdentifiers.id_RSAES_OAEP, parameters));
    }
    recipient.setProvider("BC");
    ASN1ObjectIdentifier cipher = switch (query.get("cipher")) {
      case "aes128-cbc" -> CMSAlgorithm.AES128_CBC;
      case "aes192-cbc" -> CMSAlgorithm.AES192_CBC;
      case "aes128-gcm" -> CMSAlgorithm.AES128_GCM;
      case "aes256-gcm" -> CMSAlgorithm.AES256_GCM;
      case "3des" -> CMSAlgorithm.DES_EDE3_CBC;
      default -> CMSAlgorithm.AES256_CBC;
    };
    var encryptor = new JceCMSContentEncryptorBuilder(cipher).setProvider("BC").build();
    var content = new CMSProcessableByteArray(bytes);
    if (query.get("cipher").endsWith("gcm")) {
      var generator = new CMSAuthEnvelopedDataGenerator();
      generator.addRecipientInfoGenerator(recipient);
      return generator.generate(content, (OutputAEADEncryptor) encryptor).getEncoded();
    }
    var generator = new CMSEnvelopedDataGenerator();
    generator.addRecipientInfoGenerator(recipient);
    return generator.generate(content, encryptor).getEncoded();
  }

  static byte[] decrypt(byte[] bytes, Map<String, String> query) throws Exception {
    var type = org.bouncycastle.asn1.cms.ContentInfo.getInstance(bytes).getContentType();
    if (type.equals(org.bouncycastle.asn1.cms.CMSObjectIdentifiers.authEnvelopedData)) {
      var recipients = new CMSAuthEnvelopedData(new ByteArrayInputStream(bytes)).getRecipientInfos();
      return recipients.getRecipients().iterator().next()
          .getContent(new JceKeyTransAuthEnvelopedRecipient(key).setProvider("BC"));
    }
    return new CMSEnvelopedData(bytes).getRecipientInfos().getRecipients().iterator().next()
        .getContent(new JceKeyTransEnvelopedRecipient(key).setProvider("BC"));
  }

}
