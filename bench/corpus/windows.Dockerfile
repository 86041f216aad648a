# escape=`
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command"]
RUN Invoke-WebRequest https://example.com/setup.exe -OutFile C:\setup.exe ; `
    Start-Process C:\setup.exe -Wait ; `
    Remove-Item C:\setup.exe
WORKDIR C:\app
COPY bin\ .
CMD ["app.exe"]
